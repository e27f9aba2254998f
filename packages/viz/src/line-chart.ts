import * as Plot from '@observablehq/plot'
import { ValueError } from '@badak/tensor'
import { Chart, type ChartSize, palette } from './chart.ts'

/** A curve. */
export interface Series {
  readonly name: string
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number>
  /** Whether its points are marked, as is right for few of them; default false. */
  readonly points?: boolean
  /** Whether it is drawn faintly, behind the others, and without a name; default false. */
  readonly faint?: boolean
  /** Default: the next one of the palette. */
  readonly color?: string
}

/** How a line chart is drawn. */
export interface LineChartOptions extends ChartSize {
  readonly title?: string
  readonly xLabel?: string
  readonly yLabel?: string
  readonly yScale?: 'linear' | 'log'
  readonly xScale?: 'linear' | 'log'
  /** The ends of the y axis; default: those of the values. */
  readonly yDomain?: readonly [number, number]
}

interface Point {
  readonly x: number
  readonly y: number
}

/**
 * Curves over a common axis, each with its name at its end. Values that are not finite, or not positive on a
 * logarithmic axis, leave a gap.
 *
 * @throws ValueError when the coordinates of a curve differ in number
 */
export function lineChart(series: readonly Series[], options: LineChartOptions = {}): Chart {
  for (const { name, x, y } of series) {
    if (x.length !== y.length)
      throw new ValueError(`lineChart: "${name}" has ${x.length} x and ${y.length} y`)
  }
  const {
    width = 520,
    height = 320,
    title,
    xLabel,
    yLabel,
    xScale = 'linear',
    yScale = 'linear',
    yDomain,
  } = options
  const curves = series.map((each, i) => ({
    ...each,
    color: each.color ?? palette[i % palette.length]!,
    data: pointsOf(each, xScale, yScale),
  }))
  const named = curves.filter(({ faint, data }) => !faint && data.length > 0)
  return new Chart((document) =>
    Plot.plot({
      document,
      width,
      height,
      marginLeft: 52,
      marginBottom: 44,
      marginTop: title === undefined ? 24 : 52,
      marginRight: 16 + 6.5 * Math.max(0, ...named.map(({ name }) => name.length)),
      x: { ...ticksOf(xScale), type: xScale, label: xLabel ?? null, labelOffset: 38 },
      y: {
        type: yScale,
        label: yLabel ?? null,
        grid: true,
        ...ticksOf(yScale),
        ...(yDomain && { domain: [...yDomain], clamp: true }),
      },
      marks: [...curves.flatMap(marksOf), ...spread(named).map(nameMark), ...titleMark(title)],
    }),
  )
}

/** On a logarithmic axis few numbers, and 0.1 rather than 100m. */
function ticksOf(scale: 'linear' | 'log'): Plot.ScaleOptions {
  return scale === 'log' ? { ticks: 5, tickFormat: (value: number) => String(value) } : {}
}

/** A curve that is ready to be drawn. */
interface Curve extends Series {
  readonly color: string
  readonly data: readonly Point[]
}

function marksOf({ data, color, faint, points }: Curve): Plot.Markish[] {
  const stroke = { stroke: color, strokeWidth: faint ? 1 : 2, strokeOpacity: faint ? 0.3 : 1 }
  return [
    Plot.lineY(data, { x: 'x', y: 'y', ...stroke }),
    ...(points ? [Plot.dot(data, { x: 'x', y: 'y', fill: color, r: 3 })] : []),
  ]
}

function nameMark({ name, color, data, shift }: Curve & { readonly shift: number }): Plot.Markish {
  const end = endOf(data)
  const style = { fill: color, textAnchor: 'start', dx: 8, dy: shift } as const
  return Plot.text(end ? [end] : [], { x: 'x', y: 'y', text: () => name, ...style })
}

/** A title above, beside the label of the y axis. */
function titleMark(title: string | undefined): Plot.Markish[] {
  if (title === undefined) return []
  return [Plot.text([title], { frameAnchor: 'top', dy: -34, fontSize: 14, fontWeight: 600 })]
}

/** The point farthest to the right. */
function endOf(data: readonly Point[]): Point | undefined {
  return data
    .filter(({ y }) => Number.isFinite(y))
    .reduce<Point | undefined>((end, point) => (end && end.x > point.x ? end : point), undefined)
}

function pointsOf({ x, y }: Series, xScale: string, yScale: string): Point[] {
  const shown = (value: number, scale: string): boolean =>
    Number.isFinite(value) && (scale === 'linear' || value > 0)
  return Array.from(x, (each, i) => ({
    x: each,
    y: shown(y[i]!, yScale) && shown(each, xScale) ? y[i]! : NaN,
  }))
}

/** Names of curves that end close to each other are moved apart: every other one a little up. */
function spread<C extends { readonly data: readonly Point[] }>(
  curves: readonly C[],
): (C & { readonly shift: number })[] {
  const ends = curves.map(({ data }) => endOf(data)?.y ?? 0)
  const [low, high] = [Math.min(...ends), Math.max(...ends)]
  const order = ends.map((_, i) => i).toSorted((a, b) => ends[a]! - ends[b]!)
  const shifts = new Map<number, number>()
  let last = -Infinity
  // In twelfths of the spread of the ends: about the height of a line of text in a chart of usual size.
  const height = (high - low) / 12
  for (const i of order) {
    const wanted = ends[i]!
    const place = Math.max(wanted, last + height)
    shifts.set(i, height > 0 ? -Math.min(36, (12 * (place - wanted)) / height) : -14 * shifts.size)
    last = place
  }
  return curves.map((curve, i) => ({ ...curve, shift: shifts.get(i)! }))
}
