import * as Plot from '@observablehq/plot'
import { Chart, type ChartSize, palette } from './chart.ts'
import { createSVG, place } from './histograms.ts'

/** Where something went, by name: the positions of optimizers. */
export type Paths = Readonly<Record<string, readonly (readonly [x: number, y: number])[]>>

/** What is shown of a function of two variables. */
export interface ContourOptions extends ChartSize {
  readonly title?: string
  readonly x: readonly [from: number, to: number]
  readonly y: readonly [from: number, to: number]
  /** Values at which contours are drawn; default ten. */
  readonly thresholds?: readonly number[]
}

/** Contours of a function and paths across them, a panel for each path. */
export function contourPaths(
  f: (x: number, y: number) => number,
  paths: Paths,
  options: ContourOptions,
): Chart {
  const entries = Object.entries(paths)
  const columns = Math.max(1, Math.min(2, entries.length))
  const rows = Math.ceil(entries.length / columns)
  const { width = 420 * columns, height = 300 * rows + 28, title, x, y } = options
  const thresholds = options.thresholds ? [...options.thresholds] : 10
  const head = title === undefined ? 0 : 28
  const [cellWidth, cellHeight] = [width / columns, (height - head) / rows]
  return new Chart((document) => {
    const svg = createSVG(document, width, height, title)
    for (const [i, [name, path]] of entries.entries()) {
      const color = palette[i % palette.length]!
      const points = path.map(([px, py]) => ({ x: px, y: py }))
      const panel = Plot.plot({
        document,
        width: cellWidth,
        height: cellHeight,
        marginTop: 30,
        x: { domain: [...x], label: 'x', clamp: true },
        y: { domain: [...y], label: 'y', clamp: true },
        color: { type: 'linear', range: ['#9aa3b5', '#9aa3b5'] },
        marks: [
          Plot.contour({ stroke: f, thresholds, x1: x[0], x2: x[1], y1: y[0], y2: y[1], pixelSize: 4 }),
          Plot.line(points, { x: 'x', y: 'y', stroke: color, strokeWidth: 1.5 }),
          Plot.dot(points, { x: 'x', y: 'y', fill: color, r: 2.5 }),
          Plot.text([name], {
            frameAnchor: 'top-left',
            dy: -18,
            fontSize: 13,
            fontWeight: 600,
            textAnchor: 'start',
            fill: color,
          }),
        ],
      })
      place(panel, (i % columns) * cellWidth, head + Math.floor(i / columns) * cellHeight)
      svg.append(panel)
    }
    return svg
  })
}
