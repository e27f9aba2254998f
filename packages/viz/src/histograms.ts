import * as Plot from '@observablehq/plot'
import { type Chart, type ChartSize, palette } from './chart.ts'
import { panelName, panels } from './panels.ts'

/** Counts in bins, as `histogramOf` of `@badak/training` makes them. */
export interface Bins {
  readonly min: number
  /** The upper end of each bin. */
  readonly limits: readonly number[]
  readonly counts: readonly number[]
}

/** How histograms are drawn. */
export interface HistogramOptions extends ChartSize {
  readonly title?: string
  readonly xLabel?: string
  /** How many stand in a row; default 5. */
  readonly columns?: number
  /** The ends of the common axis of values; default: each its own. */
  readonly domain?: readonly [number, number]
}

/** One histogram beside the other, by name: activations of layers, weights, gradients. */
export function histograms(named: Readonly<Record<string, Bins>>, options: HistogramOptions = {}): Chart {
  const { columns = 5, xLabel, domain, ...size } = options
  const layout = { ...size, columns, panel: [190, 150], extra: 40, least: 320 } as const
  return panels(Object.entries(named), layout, ([name, bins]) => ({
    marginLeft: 12,
    marginRight: 12,
    marginTop: 40,
    marginBottom: 36,
    x: { label: xLabel ?? null, ticks: 4, ...(domain && { domain: [...domain], clamp: true }) },
    y: { axis: null },
    marks: [
      Plot.rectY(barsOf(bins), { x1: 'x1', x2: 'x2', y: 'count', fill: palette[0], inset: 0 }),
      Plot.ruleY([0], { strokeOpacity: 0.4 }),
      panelName(name),
    ],
  }))
}

function barsOf({
  min,
  limits,
  counts,
}: Bins): { readonly x1: number; readonly x2: number; readonly count: number }[] {
  // A single value has no width; it is shown as a bar of some.
  const pad = limits.length === 1 && limits[0] === min ? Math.max(1e-3, Math.abs(min) / 50) : 0
  return counts.map((count, i) => ({ x1: (limits[i - 1] ?? min) - pad, x2: limits[i]! + pad, count }))
}
