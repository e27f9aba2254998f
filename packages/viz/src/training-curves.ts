import { Chart } from './chart.ts'
import { lineChart, type LineChartOptions, type Series } from './line-chart.ts'

/** What is drawn of a history; that of `fit` in `@badak/training` is one. */
export interface CurveData {
  /** The loss of each step. */
  readonly losses: ArrayLike<number>
  /** Figures of each epoch, by name. */
  readonly epochs: readonly Readonly<Record<string, number>>[]
}

/** Points to which a curve of steps is reduced: more cannot be seen. */
const POINTS = 400

/** The loss of each step (faint), its running mean over 50 steps, and the losses of the epochs on validation data. */
export function lossCurves({ losses, epochs }: CurveData, options: LineChartOptions = {}): Chart {
  const perEpoch = stepsPerEpoch(losses, epochs)
  const validation = epochs.filter(({ val_loss: loss }) => loss !== undefined)
  const curves: Series[] = [
    { name: 'step', faint: true, color: '#3b6fd8', ...thin(losses, perEpoch, 1) },
    { name: 'training', color: '#3b6fd8', ...thin(losses, perEpoch, 50) },
    ...(validation.length > 0 ? [figureOfEpochs('validation', 'val_loss', validation, '#e2632f')] : []),
  ]
  const xLabel = epochs.length > 0 ? 'epoch' : 'step'
  return lineChart(curves, { xLabel, yLabel: 'loss', yScale: 'log', ...options })
}

/** A figure of the epochs, such as `accuracy`, on the training and the validation data. */
export function figureCurves(
  name: string,
  { epochs }: Pick<CurveData, 'epochs'>,
  options: LineChartOptions = {},
): Chart {
  const curves = [
    ['training', name, '#3b6fd8'],
    ['validation', `val_${name}`, '#e2632f'],
  ] as const
  const known = curves.filter(([, figure]) => epochs.some((record) => record[figure] !== undefined))
  return lineChart(
    known.map(([label, figure, color]) => figureOfEpochs(label, figure, epochs, color)),
    { xLabel: 'epoch', yLabel: name, ...options },
  )
}

function figureOfEpochs(
  name: string,
  figure: string,
  epochs: readonly Readonly<Record<string, number>>[],
  color: string,
): Series {
  return {
    name,
    color,
    points: epochs.length <= 40,
    x: epochs.map(({ epoch }, i) => epoch ?? i + 1),
    y: epochs.map((record) => record[figure] ?? NaN),
  }
}

/** How many steps an epoch has: 1 where there is none, so that steps are counted. */
function stepsPerEpoch(losses: ArrayLike<number>, epochs: CurveData['epochs']): number {
  const first = epochs[0]
  return first?.['step'] ?? (epochs.length > 0 ? losses.length / epochs.length : 1)
}

/** Means over `width` steps, at evenly spaced places. */
function thin(
  values: ArrayLike<number>,
  perEpoch: number,
  width: number,
): { readonly x: number[]; readonly y: number[] } {
  const count = Math.min(values.length, POINTS)
  const [x, y]: [number[], number[]] = [[], []]
  for (let i = 0; i < count; i++) {
    const end = Math.ceil(((i + 1) * values.length) / count)
    const start = Math.max(0, end - width)
    let sum = 0
    for (let step = start; step < end; step++) sum += values[step]!
    x.push(end / perEpoch)
    y.push(sum / (end - start))
  }
  return { x, y }
}
