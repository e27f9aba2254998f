import type { Module } from '@badak/layers'
import type { Optimizer } from '@badak/optimizers'
import {
  evaluate,
  type Generator,
  keep,
  isTensor,
  type Parameter,
  type Tensor,
  ValueError,
  isFinite,
} from '@badak/tensor'
import { type Batch, type Forward, forwardBatch, type TrainingData } from './batch.ts'
import type { Callback } from './callbacks/callback.ts'
import { Checkpoints, type CheckpointOptions } from './checkpoint/checkpoints.ts'
import type { Resumable } from './checkpoint/run-state.ts'
import { type EpochRecord, figureOf, type History } from './history.ts'
import { figuresSince, type Metrics, numbersOf, ratiosOf, readMeasurement } from './metrics/metric.ts'
import { NumericGuard } from './numeric-guard.ts'
import { TrainingRun } from './run.ts'
import { validate } from './validate.ts'
import { checkCount } from './arguments.ts'

/** A learning-rate schedule. */
export interface Schedule extends Resumable {
  /** Sets the learning rate of what comes next. */
  step(figure?: number): void
}

/** How a network is trained. */
export interface FitOptions<B = Batch> {
  readonly data: TrainingData<B>
  readonly optimizer: Optimizer
  /** The loss of a batch: a scalar. */
  readonly loss: (output: Tensor, target: Tensor) => Tensor
  /** How many times the data is gone through, those before a resume included. */
  readonly epochs: number
  /** Measured after each epoch; nothing is learned from it. */
  readonly validation?: AsyncIterable<B>
  /** Measured on the batches of each epoch, and, under `val_…`, on the validation data. */
  readonly metrics?: Metrics
  /** What is to be done with a batch; default: `model.forward(x)` against `t`. */
  readonly forward?: Forward<B>
  readonly callbacks?: readonly Callback[]
  readonly checkpoint?: CheckpointOptions
  readonly schedule?: Schedule
  /** Whether the schedule steps after each epoch (default) or after each update. */
  readonly scheduleEvery?: 'epoch' | 'step'
  /** A figure of the epochs that the schedule is told, such as `val_loss` for a plateau. */
  readonly scheduleMonitor?: string
  /** How many batches make up one update; their gradients are averaged. Default 1. */
  readonly accumulate?: number
  /** Called when the gradients of an update are there: the place to clip them. */
  readonly gradients?: (parameters: readonly Parameter[]) => void
  /** Streams of random numbers besides the default one, to be kept in checkpoints. */
  readonly generators?: readonly Generator[]
  /** Ends the training after the present step; with `checkpoint`, it is written down. */
  readonly signal?: AbortSignal
}

/** How a training ended. */
export interface FitResult {
  readonly history: History
  /** Why it ended before its last epoch: `aborted`, or what a callback said. */
  readonly stopped: string | undefined
}

/**
 * Trains a model: epochs over the data, validation after each, callbacks, checkpoints.
 *
 * With `checkpoint`, a training that was interrupted at any moment goes on from the last checkpoint and ends
 * with the same bits as one that was not: weights, moments, order of the data and random numbers.
 *
 * @throws ValueError when an option does not fit
 * @throws NumericError when a loss is NaN or infinite, naming the layer where that arose; the model is left as
 *   it was before the step
 * @example
 * ```ts
 * const { history } = await fit(model, {
 *   data: new DataLoader(train, { batchSize: 100, shuffle: true }),
 *   validation: new DataLoader(test, { batchSize: 500 }),
 *   optimizer: new Adam(model.parameters()),
 *   loss: softmaxCrossEntropy,
 *   metrics: { accuracy: new Accuracy() },
 *   epochs: 10,
 *   callbacks: [earlyStopping({ monitor: 'val_loss', patience: 3 })],
 *   checkpoint: { store: directoryStore('runs/first'), resume: true },
 * })
 * history.epochs.at(-1)!.val_accuracy
 * ```
 */
export async function fit<B = Batch>(model: Module, options: FitOptions<B>): Promise<FitResult> {
  const training = new Training(model, options)
  return training.run()
}

/** One call of `fit`. */
class Training<B> {
  readonly #options: FitOptions<B>
  readonly #model: Module
  readonly #run: TrainingRun
  readonly #metrics: Metrics
  readonly #callbacks: readonly Callback[]
  readonly #checkpoints: Checkpoints | undefined
  readonly #guard: NumericGuard<B>
  /** What the batches of an update have come to so far. */
  #gathered: Gathered = nothing
  /** How far metrics were when the first of them came. */
  #ratios: ReturnType<typeof ratiosOf> = {}

  constructor(model: Module, options: FitOptions<B>) {
    const {
      data,
      epochs,
      optimizer,
      metrics = {},
      callbacks = [],
      accumulate = 1,
      schedule,
      generators = [],
    } = options
    checkCount('fit', 'epochs', epochs)
    checkCount('fit', 'accumulate', accumulate)
    checkNames(callbacks)
    this.#options = options
    this.#model = model
    this.#metrics = metrics
    this.#callbacks = callbacks
    const stepsPerEpoch = data.length === undefined ? undefined : Math.ceil(data.length / accumulate)
    this.#run = new TrainingRun(model, optimizer, { epochs, stepsPerEpoch, metrics })
    this.#guard = new NumericGuard(model, options.forward ?? forwardBatch, options.loss, generators)
    const parts = { run: this.#run, data, metrics, callbacks, schedule, generators }
    this.#checkpoints = options.checkpoint && new Checkpoints(options.checkpoint, parts)
  }

  async run(): Promise<FitResult> {
    const run = this.#run
    await this.#checkpoints?.begin()
    this.#model.train()
    await this.#tell((callback) => callback.onStart?.(run))
    try {
      while (run.epoch < run.epochs && !this.#ended()) {
        await this.#tell((callback) => callback.onEpochStart?.(run))
        await this.#epoch()
      }
      if (run.stopped !== undefined) await this.#checkpoints?.save()
    } finally {
      await this.#tell((callback) => callback.onEnd?.(run))
    }
    return { history: run.history, stopped: run.stopped }
  }

  #ended(): boolean {
    if (this.#options.signal?.aborted) this.#run.stop('aborted')
    return this.#run.stopped !== undefined
  }

  async #epoch(): Promise<void> {
    let started = performance.now()
    for await (const batch of this.#options.data) {
      await this.#batch(batch, started)
      if (this.#gathered.batches === 0 && this.#ended()) return
      started = performance.now()
    }
    // Too few for a whole update, and not to be lost.
    if (this.#gathered.batches > 0) await this.#update()
    await this.#finishEpoch()
  }

  /** Forward, backward and, when enough batches have been gathered, an update. */
  async #batch(batch: B, started: number): Promise<void> {
    const { accumulate = 1, loss: lossOf, forward = forwardBatch } = this.#options
    if (this.#gathered.batches === 0) this.#ratios = ratiosOf(this.#metrics)
    this.#guard.beforeForward(batch)
    const { optimizer } = this.#run
    const before =
      accumulate === 1 ? [] : optimizer.parameters.map((parameter) => ({ parameter, sum: parameter.grad }))
    const { output, target } = forward(this.#model, batch)
    const measured = Object.values(this.#metrics).map((metric) => metric.measure(output, target))
    for (const part of measured.flat()) if (isTensor(part)) keep(part)
    const loss = keep(lossOf(output, target))
    ;(accumulate === 1 ? loss : loss.mul(1 / accumulate)).backward()
    this.#guard.keepStates(loss)
    const { lr } = optimizer
    const updates = this.#gathered.batches + 1 === accumulate
    await (updates ? this.#carryOut(loss) : evaluate(loss))
    const value = await loss.item()
    if (!Number.isFinite(value)) {
      optimizer.zeroGrad()
      throw await this.#guard.explain(value, this.#run.step + 1)
    }
    // Sums that this batch was added to: the collector would come for them too late.
    for (const { parameter, sum } of before) if (sum !== parameter.grad) sum?.dispose()
    for (const [i, metric] of Object.values(this.#metrics).entries())
      metric.add(await readMeasurement(measured[i]!))
    this.#gathered = gather(this.#gathered, value, target.shape[0] ?? 1, (performance.now() - started) / 1000)
    if (updates) await this.#finishStep(lr)
  }

  /** An update by the gradients that are there, on condition that `loss` is finite. */
  async #carryOut(loss?: Tensor): Promise<void> {
    const { optimizer } = this.#run
    this.#options.gradients?.(optimizer.parameters)
    for (const callback of this.#callbacks) callback.beforeStep?.(this.#run)
    // A loss that is not finite must not reach the weights: they are needed to find out why.
    await optimizer.step(loss && { when: isFinite(loss) })
  }

  async #update(): Promise<void> {
    const { lr } = this.#run.optimizer
    await this.#carryOut()
    await this.#finishStep(lr)
  }

  async #finishStep(lr: number): Promise<void> {
    const run = this.#run
    const { lossSum, examples, seconds } = this.#gathered
    this.#gathered = nothing
    const loss = lossSum / examples
    run.history.addStep({ loss, examples, seconds, figures: figuresSince(this.#ratios, this.#metrics) })
    if (this.#options.scheduleEvery === 'step') this.#options.schedule?.step()
    const record = { step: run.step, loss, lr, examples, seconds }
    await this.#tell((callback) => callback.onStep?.(run, record))
    await this.#checkpoints?.afterStep()
  }

  async #finishEpoch(): Promise<void> {
    const { validation, loss, forward, schedule, scheduleEvery = 'epoch' } = this.#options
    const run = this.#run
    const figures = numbersOf(this.#metrics)
    const validated = validation
      ? await validate(this.#model, validation, { loss, metrics: this.#metrics, ...(forward && { forward }) })
      : {}
    for (const metric of Object.values(this.#metrics)) metric.reset()
    for (const [name, value] of Object.entries(validated)) figures[`val_${name}`] = value
    const record = run.history.finishEpoch({ ...figures, lr: run.optimizer.lr })
    if (schedule && scheduleEvery === 'epoch') schedule.step(this.#monitored(record))
    await this.#tell((callback) => callback.onEpochEnd?.(run, record))
    await this.#checkpoints?.afterEpoch(record)
  }

  #monitored(record: EpochRecord): number | undefined {
    const { scheduleMonitor: name } = this.#options
    if (name === undefined) return undefined
    return figureOf('fit: scheduleMonitor', record, name)
  }

  async #tell(call: (callback: Callback) => void | Promise<void> | undefined): Promise<void> {
    for (const callback of this.#callbacks) await call(callback)
  }
}

/** Batches that have been gone through since the last update. */
interface Gathered {
  readonly batches: number
  readonly lossSum: number
  readonly examples: number
  readonly seconds: number
}

const nothing: Gathered = { batches: 0, lossSum: 0, examples: 0, seconds: 0 }

function gather(before: Gathered, loss: number, examples: number, seconds: number): Gathered {
  return {
    batches: before.batches + 1,
    lossSum: before.lossSum + loss * examples,
    examples: before.examples + examples,
    seconds: before.seconds + seconds,
  }
}

function checkNames(callbacks: readonly Callback[]): void {
  const names = callbacks.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined) throw new ValueError(`fit: two callbacks have the name "${twice}"`)
}
