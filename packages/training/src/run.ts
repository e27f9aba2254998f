import type { Module } from '@badak/layers'
import type { Optimizer } from '@badak/optimizers'
import { History } from './history.ts'
import { type Metrics, numbersOf } from './metrics/metric.ts'

/** What callbacks see of a training that is going on. */
export class TrainingRun {
  readonly model: Module
  readonly optimizer: Optimizer
  /** How many epochs are asked for. */
  readonly epochs: number
  /** Steps in an epoch, where the data knows its length. */
  readonly stepsPerEpoch: number | undefined
  /** What has been measured. */
  history = new History()
  readonly #metrics: Metrics
  #stopped: string | undefined

  /** @internal */
  constructor(
    model: Module,
    optimizer: Optimizer,
    {
      epochs,
      stepsPerEpoch,
      metrics,
    }: Pick<TrainingRun, 'epochs' | 'stepsPerEpoch'> & { readonly metrics: Metrics },
  ) {
    this.model = model
    this.optimizer = optimizer
    this.epochs = epochs
    this.stepsPerEpoch = stepsPerEpoch
    this.#metrics = metrics
  }

  /** Epochs that are finished. */
  get epoch(): number {
    return this.history.epochs.length
  }

  /** Updates that were carried out. */
  get step(): number {
    return this.history.losses.length
  }

  /** The metrics of the present epoch so far that are numbers, by name. */
  figures(): Record<string, number> {
    return numbersOf(this.#metrics)
  }

  /** Ends the training after the present step, and says why. */
  stop(reason: string): void {
    this.#stopped ??= reason
  }

  /** Why the training was stopped before its last epoch. */
  get stopped(): string | undefined {
    return this.#stopped
  }
}
