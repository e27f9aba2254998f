import * as Plot from '@observablehq/plot'
import { Chart, type ChartSize } from './chart.ts'
import { type Bins, createSVG, place } from './histograms.ts'

/** How something was spread in a step; `distributions` of `@badak/training` gathers them. */
export interface Spread {
  readonly step: number
  readonly name: string
  readonly histogram: Bins
}

/**
 * How distributions change over steps, a panel for each name: steps to the right, values upwards, darker where
 * there are more.
 */
export function distributionsOverTime(
  records: readonly Spread[],
  options: ChartSize & { readonly title?: string } = {},
): Chart {
  const names = [...new Set(records.map(({ name }) => name))]
  const columns = Math.max(1, Math.min(3, names.length))
  const rows = Math.ceil(names.length / columns)
  const { width = 300 * columns, height = 170 * rows + 28, title } = options
  const head = title === undefined ? 0 : 28
  const [cellWidth, cellHeight] = [width / columns, (height - head) / rows]
  return new Chart((document) => {
    const svg = createSVG(document, width, height, title)
    for (const [i, name] of names.entries()) {
      const panel = Plot.plot({
        document,
        width: cellWidth,
        height: cellHeight,
        marginLeft: 44,
        marginTop: 28,
        marginBottom: 30,
        x: { label: null, ticks: 4 },
        y: { label: null, ticks: 5, grid: true },
        color: { scheme: 'blues', type: 'sqrt' },
        marks: [
          Plot.rect(cellsOf(records.filter((record) => record.name === name)), {
            x1: 'from',
            x2: 'to',
            y1: 'low',
            y2: 'high',
            fill: 'share',
            inset: 0,
          }),
          Plot.text([name], {
            frameAnchor: 'top-left',
            dy: -18,
            fontSize: 12,
            fontWeight: 600,
            textAnchor: 'start',
          }),
        ],
      })
      place(panel, (i % columns) * cellWidth, head + Math.floor(i / columns) * cellHeight)
      svg.append(panel)
    }
    return svg
  })
}

interface Cell {
  readonly from: number
  readonly to: number
  readonly low: number
  readonly high: number
  readonly share: number
}

function cellsOf(records: readonly Spread[]): Cell[] {
  return records.flatMap(({ step, histogram: { min, limits, counts } }, i) => {
    const from = records[i - 1]?.step ?? Math.max(0, step - ((records[i + 1]?.step ?? step + 1) - step))
    const total = counts.reduce((sum, count) => sum + count, 0)
    return counts
      .map((count, bin) => ({
        from,
        to: step,
        low: limits[bin - 1] ?? min,
        high: limits[bin]!,
        share: count / total,
      }))
      .filter(({ share }) => share > 0)
  })
}
