import { ValueError } from '@badak/tensor'

/** What a step came to, before its update. */
export interface StepRecord {
  /** Counted from 1, over all epochs. */
  readonly step: number
  readonly loss: number
  /** Of the first parameter group, in this step. */
  readonly lr: number
  /** How many examples the update is made of. */
  readonly examples: number
  /** What it took, waiting for data included. */
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

/** A step as a history takes it. */
export interface MeasuredStep {
  readonly loss: number
  readonly examples: number
  readonly seconds: number
  /** Figures of its examples alone, by name. */
  readonly figures?: Readonly<Record<string, number>>
}

/** The part of a history that JSON holds; what there is of each step is stored as tensors. */
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
  /** Accuracy and other metrics that are ratios, of each step's batch, by name. */
  readonly figures: Record<string, number[]> = {}
  readonly epochs: EpochRecord[] = []
  #lossSum = 0
  #examples = 0
  #seconds = 0

  /** Adds what a step came to. */
  addStep({ loss, examples, seconds, figures = {} }: MeasuredStep): void {
    for (const name of Object.keys({ ...this.figures, ...figures })) {
      const values = (this.figures[name] ??= this.losses.map(() => NaN))
      // As a checkpoint holds it, so that a mean is the same after a resume.
      values.push(Math.fround(figures[name] ?? NaN))
    }
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

  /** Means over the last `count` steps of the present epoch: the loss, and what else is known of each step. */
  recent(count: number): Record<string, number> {
    const from = Math.max(this.epochs.at(-1)?.step ?? 0, this.losses.length - count)
    const known = Object.entries({ loss: this.losses, ...this.figures })
    return Object.fromEntries(known.map(([name, values]) => [name, mean(values.slice(from))]))
  }

  /** Time spent on steps. */
  get seconds(): number {
    return this.epochs.reduce((sum, { seconds }) => sum + seconds, this.#seconds)
  }

  /** Everything but what there is of each step. */
  written(): WrittenHistory {
    return {
      epochs: this.epochs,
      lossSum: this.#lossSum,
      examples: this.#examples,
      seconds: this.#seconds,
    }
  }

  /** A history as it was written down. */
  static restore(
    { losses, figures }: { losses: ArrayLike<number>; figures: Readonly<Record<string, ArrayLike<number>>> },
    written: WrittenHistory,
  ): History {
    const history = new History()
    for (const loss of Array.from(losses)) history.losses.push(loss)
    for (const [name, values] of Object.entries(figures)) history.figures[name] = Array.from(values)
    history.epochs.push(...written.epochs)
    history.#lossSum = written.lossSum
    history.#examples = written.examples
    history.#seconds = written.seconds
    return history
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** @throws ValueError, naming the option, when an epoch has no figure of that name */
export function figureOf(option: string, record: EpochRecord, name: string): number {
  const figure = record[name]
  if (figure !== undefined) return figure
  throw new ValueError(`${option}: an epoch has no "${name}": it has ${Object.keys(record).join(', ')}`)
}
