import * as Plot from '@observablehq/plot'
import type { Chart, ChartSize } from './chart.ts'
import type { Bins } from './histograms.ts'
import { panelName, panels } from './panels.ts'

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
  return panels(names, { ...options, columns: 3, panel: [300, 170] }, (name) => ({
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
      panelName(name),
    ],
  }))
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
