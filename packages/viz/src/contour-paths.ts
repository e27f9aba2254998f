import * as Plot from '@observablehq/plot'
import { type Chart, type ChartSize, palette } from './chart.ts'
import { panelName, panels } from './panels.ts'

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
  const { x, y, ...size } = options
  const thresholds = options.thresholds ? [...options.thresholds] : 10
  const layout = { ...size, columns: 2, panel: [420, 300] } as const
  return panels(Object.entries(paths), layout, ([name, path], i) => {
    const color = palette[i % palette.length]!
    const points = path.map(([px, py]) => ({ x: px, y: py }))
    return {
      marginTop: 30,
      x: { domain: [...x], label: 'x', clamp: true },
      y: { domain: [...y], label: 'y', clamp: true },
      color: { type: 'linear', range: ['#9aa3b5', '#9aa3b5'] },
      marks: [
        Plot.contour({ stroke: f, thresholds, x1: x[0], x2: x[1], y1: y[0], y2: y[1], pixelSize: 4 }),
        Plot.line(points, { x: 'x', y: 'y', stroke: color, strokeWidth: 1.5 }),
        Plot.dot(points, { x: 'x', y: 'y', fill: color, r: 2.5 }),
        panelName(name, { fontSize: 13, fill: color }),
      ],
    }
  })
}
