import * as Plot from '@observablehq/plot'
import { Chart, type ChartSize, palette } from './chart.ts'

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
  const entries = Object.entries(named)
  const columns = Math.max(1, Math.min(options.columns ?? 5, entries.length))
  const rows = Math.ceil(entries.length / columns)
  const { width = Math.max(320, 190 * columns), height = 40 + 150 * rows, title, xLabel, domain } = options
  const [cellWidth, cellHeight] = [width / columns, (height - (title === undefined ? 0 : 28)) / rows]
  return new Chart((document) => {
    const svg = createSVG(document, width, height, title)
    for (const [i, [name, bins]] of entries.entries()) {
      const panel = Plot.plot({
        document,
        width: cellWidth,
        height: cellHeight,
        marginLeft: 12,
        marginRight: 12,
        marginTop: 40,
        marginBottom: 36,
        x: { label: xLabel ?? null, ticks: 4, ...(domain && { domain: [...domain], clamp: true }) },
        y: { axis: null },
        marks: [
          Plot.rectY(barsOf(bins), { x1: 'x1', x2: 'x2', y: 'count', fill: palette[0], inset: 0 }),
          Plot.ruleY([0], { strokeOpacity: 0.4 }),
          Plot.text([name], {
            frameAnchor: 'top-left',
            dy: -18,
            fontSize: 12,
            fontWeight: 600,
            textAnchor: 'start',
          }),
        ],
      })
      place(
        panel,
        (i % columns) * cellWidth,
        (title === undefined ? 0 : 28) + Math.floor(i / columns) * cellHeight,
      )
      svg.append(panel)
    }
    return svg
  })
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

/** An empty SVG element that other charts are put into. */
export function createSVG(document: Document, width: number, height: number, title?: string): Element {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  svg.setAttribute('width', String(width))
  svg.setAttribute('height', String(height))
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`)
  svg.setAttribute('font-family', 'system-ui, sans-serif')
  svg.setAttribute('style', 'max-width: 100%; height: auto')
  if (title !== undefined) {
    const text = document.createElementNS('http://www.w3.org/2000/svg', 'text')
    text.setAttribute('x', '12')
    text.setAttribute('y', '18')
    text.setAttribute('font-size', '14')
    text.setAttribute('font-weight', '600')
    text.setAttribute('fill', 'currentColor')
    text.textContent = title
    svg.append(text)
  }
  return svg
}

/** Moves an SVG element within another. */
export function place(element: Element, x: number, y: number): void {
  element.setAttribute('x', String(x))
  element.setAttribute('y', String(y))
}
