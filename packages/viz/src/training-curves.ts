import { type Chart, palette } from './chart.ts'
import { lineChart, type LineChartOptions, type Series } from './line-chart.ts'
import { runningMean } from './running-mean.ts'

/** What is drawn of a history; that of `fit` in `@badak/training` is one. */
export interface CurveData {
  /** The loss of each step. */
  readonly losses: ArrayLike<number>
  /** Figures of each step, by name. */
  readonly figures?: Readonly<Record<string, ArrayLike<number>>>
  /** Figures of each epoch, by name. */
  readonly epochs: readonly Readonly<Record<string, number>>[]
}

/** How the curves of a history are drawn. */
export interface CurveOptions extends LineChartOptions {
  /** What the validation data are called; default `validation`. */
  readonly validation?: string
  /** Whether a figure is a share, to be shown in per cent; default false. */
  readonly percent?: boolean
}

/** The colours of what is trained on, and of what is not. */
const [training, held] = palette

/** The loss of each step (faint), its running mean over 50 steps, and the losses of the epochs on validation data. */
export function lossCurves({ losses, epochs }: CurveData, options: CurveOptions = {}): Chart {
  const perEpoch = stepsPerEpoch(losses, epochs)
  const { validation: name = 'validation', ...style } = options
  const validation = epochs.filter(({ val_loss: loss }) => loss !== undefined)
  const curves: Series[] = [
    {
      name: 'step',
      faint: true,
      color: training,
      ...runningMean(losses, { width: 1, stepsPerUnit: perEpoch }),
    },
    { name: 'training', color: training, ...runningMean(losses, { stepsPerUnit: perEpoch }) },
    ...(validation.length > 0 ? [figureOfEpochs(name, validation, 'val_loss', held)] : []),
  ]
  const xLabel = epochs.length > 0 ? 'epoch' : 'step'
  return lineChart(curves, { xLabel, yLabel: 'loss', yScale: 'log', ...style })
}

/**
 * A figure such as `accuracy`: on the training data its running mean over 50 steps, where it is known of each
 * step, otherwise that of the epochs; and on the validation data.
 */
export function figureCurves(
  name: string,
  { losses = [], figures = {}, epochs }: Partial<CurveData> & Pick<CurveData, 'epochs'>,
  options: CurveOptions = {},
): Chart {
  const { validation = 'validation', percent = false, ...style } = options
  const steps = figures[name]
  const known = (figure: string) => epochs.some((record) => record[figure] !== undefined)
  const running: Series | undefined = steps && {
    name: 'training',
    color: training,
    ...runningMean(steps, { stepsPerUnit: stepsPerEpoch(losses, epochs) }),
  }
  const curves = [
    ...(running ? [running] : known(name) ? [figureOfEpochs('training', epochs, name, training)] : []),
    ...(known(`val_${name}`) ? [figureOfEpochs(validation, epochs, `val_${name}`, held)] : []),
  ].map((curve) => (percent ? { ...curve, y: Array.from(curve.y, (value) => 100 * value) } : curve))
  const domain = running && settledDomain(curves, percent)
  return lineChart(curves, {
    xLabel: epochs.length > 0 ? 'epoch' : 'step',
    yLabel: percent ? `${name} (%)` : name,
    ...(domain && { yDomain: domain }),
    ...style,
  })
}

/** What happens in the first fiftieth would press the rest against an edge. */
function settledDomain(
  [running, ...others]: readonly Series[],
  percent: boolean,
): [number, number] | undefined {
  const { y } = running!
  const settled = Array.from(y).slice(Math.min(y.length - 1, Math.ceil(y.length / 50)))
  const values = [...settled, ...others.flatMap((curve) => Array.from(curve.y))].filter(Number.isFinite)
  const [least, most] = [Math.min(...values), Math.max(...values)]
  if (percent) return [Math.max(0, Math.floor(least - 1)), 100]
  const margin = 0.03 * (most - least)
  return margin > 0 ? [least - margin, most + margin] : undefined
}

function figureOfEpochs(
  name: string,
  epochs: readonly Readonly<Record<string, number>>[],
  figure: string,
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
