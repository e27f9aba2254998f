import { DataLoader, type Dataset } from '@badak/datasets'
import { type Module, softmaxCrossEntropy } from '@badak/layers'
import type { Optimizer } from '@badak/optimizers'
import { Accuracy, type Batch, type Callback, fit, validate } from '@badak/training'

/** How a network of an experiment is trained. */
export interface Lesson {
  readonly data: Dataset<Batch>
  readonly optimizer: Optimizer
  readonly steps: number
  readonly batchSize?: number
  readonly seed: number
  readonly callbacks?: readonly Callback[]
}

/** Trains a classifier for a number of steps; gives the loss of each. */
export async function learn(
  model: Module,
  { data, optimizer, steps, batchSize = 100, seed, callbacks = [] }: Lesson,
): Promise<readonly number[]> {
  const loader = new DataLoader(data, { batchSize, shuffle: true, seed })
  const enough: Callback = {
    name: 'enough',
    onStep: (run) => (run.step === steps ? run.stop('enough') : undefined),
  }
  const epochs = Math.ceil(steps / loader.length)
  const { history } = await fit(model, {
    data: loader,
    optimizer,
    loss: softmaxCrossEntropy,
    epochs,
    callbacks: [...callbacks, enough],
  })
  return history.losses
}

/** The share of examples that a classifier gets right. */
export async function accuracyOf(model: Module, data: Dataset<Batch>): Promise<number> {
  const metrics = { accuracy: new Accuracy() }
  const { accuracy } = await validate(model, new DataLoader(data, { batchSize: 500 }), { metrics })
  return accuracy!
}

/** Accuracy on both data sets after each epoch: what shows over-fitting. */
export function watchAccuracy(
  train: Dataset<Batch>,
  test: Dataset<Batch>,
): Callback & { readonly curve: AccuracyCurve } {
  const curve: AccuracyCurve = { epochs: [], train: [], test: [] }
  return {
    name: 'watchAccuracy',
    curve,
    async onEpochEnd(run) {
      curve.epochs.push(run.epoch)
      curve.train.push(await accuracyOf(run.model, train))
      curve.test.push(await accuracyOf(run.model, test))
    },
  }
}

export interface AccuracyCurve {
  readonly epochs: number[]
  readonly train: number[]
  readonly test: number[]
}

/** The mean of the last `count` values. */
export function lastMean(values: readonly number[], count: number): number {
  const last = values.slice(-count)
  return last.reduce((sum, value) => sum + value, 0) / last.length
}

/** `97.3 %`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
