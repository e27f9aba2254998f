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
  const named = curves.filter(({ faint, data }) => !faint && endOf(data) !== undefined)
  const [marginTop, marginBottom] = [title === undefined ? 24 : 52, 44]
  const y = {
    type: yScale,
    domain: yDomain ? [...yDomain] : extentOf(curves),
    range: [height - marginBottom, marginTop],
    clamp: true,
  }
  const names = named.length > 0 ? spread(named, Plot.scale({ y }).apply) : []
  return new Chart((document) =>
    Plot.plot({
      document,
      width,
      height,
      style: { fontSize: '12px' },
      marginLeft: 52,
      marginBottom,
      marginTop,
      marginRight: 16 + 6.5 * Math.max(0, ...named.map(({ name }) => name.length)),
      x: { ...ticksOf(xScale), type: xScale, label: xLabel ?? null, labelOffset: 38 },
      y: { ...y, label: yLabel ?? null, grid: true, ...ticksOf(yScale) },
      marks: [...curves.flatMap(marksOf), ...names.map(nameMark), ...titleMark(title)],
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

/** How far apart names are at least, in pixels. */
const LINE = 14

/** Names of curves that end close to each other are moved up, as far as they must to be read. */
function spread(
  curves: readonly Curve[],
  y: (value: number) => number,
): (Curve & { readonly shift: number })[] {
  const ends = curves.map((curve) => ({ curve, at: y(endOf(curve.data)?.y ?? NaN) }))
  let free = Infinity
  const fromBelow = ends.toSorted((a, b) => b.at - a.at)
  return fromBelow.map(({ curve, at }) => {
    const place = Math.min(at, free)
    free = place - LINE
    return { ...curve, shift: place - at }
  })
}

/** The ends of the values that can be shown. */
function extentOf(curves: readonly Curve[]): [number, number] {
  const values = curves.flatMap(({ data }) => data.map(({ y }) => y)).filter(Number.isFinite)
  if (values.length === 0) return [0.1, 1]
  return [
    values.reduce((least, value) => Math.min(least, value), Infinity),
    values.reduce((most, value) => Math.max(most, value), -Infinity),
  ]
}
