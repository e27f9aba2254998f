import { ValueError } from '@badak/tensor'

/** What a step came to, before its update. */
export interface StepRecord {
  /** Counted from 1, over all epochs. */
  readonly step: number
  readonly loss: number
  /** Of the first parameter group, in this step. */
  readonly lr: number
  readonly seconds: number
}

/** What an epoch came to: figures by name, those of validation with the prefix `val_`. */
export interface EpochRecord {
  /** Counted from 1. */
  readonly epoch: number
  /** Steps so far, over all epochs. */
  readonly step: number
  /** The mean over the epoch's examples, each measured before the update that it takes part in. */
  readonly loss: number
  /** Spent on its steps. */
  readonly seconds: number
  readonly [figure: string]: number
}

/** The part of a history that JSON holds; the losses of the steps are stored as a tensor. */
export interface WrittenHistory {
  readonly epochs: readonly EpochRecord[]
  readonly lossSum: number
  readonly examples: number
  readonly seconds: number
}

/** What has been measured in a run. */
export class History {
  /** The loss of each step's batch. */
  readonly losses: number[] = []
  readonly epochs: EpochRecord[] = []
  #lossSum = 0
  #examples = 0
  #seconds = 0

  /** Adds a step on `examples` examples. */
  addStep(loss: number, examples: number, seconds: number): void {
    this.losses.push(loss)
    this.#lossSum += loss * examples
    this.#examples += examples
    this.#seconds += seconds
  }

  /** Closes an epoch with further figures. */
  finishEpoch(figures: Readonly<Record<string, number>>): EpochRecord {
    const record: EpochRecord = {
      ...figures,
      epoch: this.epochs.length + 1,
      step: this.losses.length,
      loss: this.#lossSum / this.#examples,
      seconds: this.#seconds,
    }
    this.epochs.push(record)
    this.#lossSum = 0
    this.#examples = 0
    this.#seconds = 0
    return record
  }

  /** The mean loss of the last `count` steps. */
  recentLoss(count: number): number {
    const recent = this.losses.slice(-count)
    return recent.reduce((sum, loss) => sum + loss, 0) / recent.length
  }

  /** Time spent on steps. */
  get seconds(): number {
    return this.epochs.reduce((sum, { seconds }) => sum + seconds, this.#seconds)
  }

  /** Everything but the losses of the steps. */
  written(): WrittenHistory {
    return {
      epochs: this.epochs,
      lossSum: this.#lossSum,
      examples: this.#examples,
      seconds: this.#seconds,
    }
  }

  /** A history as it was written down. */
  static restore(losses: ArrayLike<number>, written: WrittenHistory): History {
    const history = new History()
    for (const loss of Array.from(losses)) history.losses.push(loss)
    history.epochs.push(...written.epochs)
    history.#lossSum = written.lossSum
    history.#examples = written.examples
    history.#seconds = written.seconds
    return history
  }
}

/** @throws ValueError, naming the option, when an epoch has no figure of that name */
export function figureOf(option: string, record: EpochRecord, name: string): number {
  const figure = record[name]
  if (figure !== undefined) return figure
  throw new ValueError(`${option}: an epoch has no "${name}": it has ${Object.keys(record).join(', ')}`)
}
