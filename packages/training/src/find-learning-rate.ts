import type { Module } from '@badak/layers'
import type { Optimizer } from '@badak/optimizers'
import { commit, copy, defaultGenerator, isFinite, keep, type Tensor, ValueError } from '@badak/tensor'
import { type Batch, type Forward, forwardBatch } from './batch.ts'
import { checkCount } from './arguments.ts'

/** How learning rates are tried. */
export interface FindLearningRateOptions<B = Batch> {
  readonly data: AsyncIterable<B>
  readonly optimizer: Optimizer
  /** The loss of a batch: a scalar. */
  readonly loss: (output: Tensor, target: Tensor) => Tensor
  readonly forward?: Forward<B>
  /** The first learning rate; default 1e-6. */
  readonly from?: number
  /** The last one; default 10. */
  readonly to?: number
  /** How many are tried, each in one step; default 100. */
  readonly steps?: number
}

/** What the learning rates led to. */
export interface LearningRateCurve {
  readonly lrs: readonly number[]
  /** Smoothed: running means, with the weight of the past 0.98 a step, without bias. */
  readonly losses: readonly number[]
  /** Where the loss falls most steeply; undefined when it never falls. */
  readonly suggestion: number | undefined
}

/**
 * Raises the learning rate from step to step and notes the loss, until the loss is more than four times the
 * least or not finite. Model, optimizer and random numbers are left as they were.
 *
 * @throws ValueError when an option is out of range, or the data ends before three steps
 * @see Smith 2017, "Cyclical learning rates for training neural networks", arXiv:1506.01186, section 3.3
 */
export async function findLearningRate<B = Batch>(
  model: Module,
  options: FindLearningRateOptions<B>,
): Promise<LearningRateCurve> {
  const { from = 1e-6, to = 10, steps = 100 } = options
  if (!(from > 0 && to > from))
    throw new ValueError(`findLearningRate: expected 0 < from < to: ${from}, ${to}`)
  checkCount('findLearningRate', 'steps', steps, 3)
  const restore = await remember(model, options.optimizer)
  try {
    return await sweep(model, options, from, (to / from) ** (1 / (steps - 1)), steps)
  } finally {
    await restore()
  }
}

async function sweep<B>(
  model: Module,
  { data, optimizer, loss: lossOf, forward = forwardBatch }: FindLearningRateOptions<B>,
  from: number,
  factor: number,
  steps: number,
): Promise<LearningRateCurve> {
  const [lrs, losses]: [number[], number[]] = [[], []]
  let [running, best] = [0, Infinity]
  for await (const batch of repeated(data, steps)) {
    optimizer.lr = from * factor ** lrs.length
    const { output, target } = forward(model, batch)
    const loss = keep(lossOf(output, target))
    loss.backward()
    await optimizer.step({ when: isFinite(loss) })
    const value = await loss.item()
    if (!Number.isFinite(value)) break
    running = 0.98 * running + 0.02 * value
    const smooth = running / (1 - 0.98 ** (lrs.length + 1))
    lrs.push(optimizer.lr)
    losses.push(smooth)
    if (smooth > 4 * best) break
    best = Math.min(best, smooth)
  }
  if (lrs.length < 3) throw new ValueError(`findLearningRate: only ${lrs.length} steps had a finite loss`)
  return { lrs, losses, suggestion: steepest(lrs, losses) }
}

/** As many batches as are wanted, from as many epochs as that takes. */
async function* repeated<B>(data: AsyncIterable<B>, count: number): AsyncGenerator<B> {
  for (let left = count; left > 0;) {
    const before = left
    for await (const batch of data) {
      yield batch
      if (--left === 0) return
    }
    if (left === before) throw new ValueError('findLearningRate: there is no data')
  }
}

/**
 * Slopes are those of lines through neighbouring points, an eighth of all, and the first tenth is left out, or
 * batches that happen to be easy would decide.
 */
function steepest(lrs: readonly number[], losses: readonly number[]): number | undefined {
  const reach = Math.max(1, Math.round(lrs.length / 16))
  let [at, least] = [-1, 0]
  for (let i = Math.max(reach, Math.round(lrs.length / 10)); i < lrs.length - reach; i++) {
    const slope = slopeOf(losses.slice(i - reach, i + reach + 1))
    if (slope < least) [at, least] = [i, slope]
  }
  return lrs[at]
}

/** Of the line of least squares through values at equal distances. */
function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2
  let [products, squares] = [0, 0]
  for (const [i, value] of values.entries()) {
    products += (i - middle) * value
    squares += (i - middle) ** 2
  }
  return products / squares
}

/** What brings model, optimizer and generator back to where they are. */
async function remember(model: Module, optimizer: Optimizer): Promise<() => Promise<void>> {
  const values = model.stateDict({ copy: true })
  const { tensors, groups } = optimizer.stateDict()
  const moments = Object.fromEntries(
    Object.entries(tensors).map(([name, value]) => [name, keep(copy(value))]),
  )
  const written = structuredClone(groups)
  const modes = model.modules().map((module) => [module, module.training] as const)
  const { state } = defaultGenerator
  await commit()
  model.train()
  return async () => {
    model.loadStateDict(values)
    optimizer.loadStateDict({ tensors: moments, groups: written })
    for (const [module, training] of modes) module.training = training
    defaultGenerator.state = state
    await commit()
  }
}
