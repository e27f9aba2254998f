/** What an epoch came to. */
export interface EpochRecord {
  /** Counted from 1. */
  readonly epoch: number
  /** Means over the epoch's steps, measured before each update. */
  readonly loss: number
  readonly accuracy: number
  readonly testLoss: number
  readonly testAccuracy: number
  /** Time spent on its steps. */
  readonly seconds: number
}

/** What has been measured in a run. */
export class History {
  /** Of each step's batch. */
  readonly losses: number[] = []
  readonly accuracies: number[] = []
  readonly epochs: EpochRecord[] = []
  /** Steps that belong to finished epochs. */
  #finished = 0
  /** Time spent on the steps of the present epoch. */
  seconds = 0

  addStep(loss: number, accuracy: number, seconds: number): void {
    this.losses.push(loss)
    // As a checkpoint holds it, so that a mean is the same after a resume.
    this.accuracies.push(Math.fround(accuracy))
    this.seconds += seconds
  }

  /** Means over the present epoch so far, or over its last `count` steps. */
  present(count = Infinity): { readonly loss: number; readonly accuracy: number } {
    const from = Math.max(this.#finished, this.losses.length - count)
    return { loss: mean(this.losses.slice(from)), accuracy: mean(this.accuracies.slice(from)) }
  }

  finishEpoch(testLoss: number, testAccuracy: number): EpochRecord {
    const record = {
      epoch: this.epochs.length + 1,
      ...this.present(),
      testLoss,
      testAccuracy,
      seconds: this.seconds,
    }
    this.epochs.push(record)
    this.#finished = this.losses.length
    this.seconds = 0
    return record
  }

  /** All steps' time. */
  get totalSeconds(): number {
    return this.epochs.reduce((sum, { seconds }) => sum + seconds, this.seconds)
  }

  /** Continues a history that was written down. */
  static restore(written: {
    readonly losses: Iterable<number>
    readonly accuracies: Iterable<number>
    readonly epochs: readonly EpochRecord[]
    readonly finished: number
    readonly seconds: number
  }): History {
    const history = new History()
    for (const loss of written.losses) history.losses.push(loss)
    for (const accuracy of written.accuracies) history.accuracies.push(accuracy)
    for (const epoch of written.epochs) history.epochs.push(epoch)
    history.#finished = written.finished
    history.seconds = written.seconds
    return history
  }

  /** Steps in finished epochs. */
  get finished(): number {
    return this.#finished
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
