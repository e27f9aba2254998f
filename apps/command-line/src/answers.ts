import { softmax, type Tensor } from '@badak/tensor'
import { type Measurement, Metric, type MetricState } from '@badak/training'

/** What a network takes an image for. */
export interface Answer {
  readonly digit: number
  /** The probability that it gives to that. */
  readonly sureness: number
}

/** The answers of a network to all images, in their order. */
export class Answers extends Metric<readonly Answer[]> {
  #digits: number[] = []
  #sureness: number[] = []

  override measure(scores: Tensor): Measurement {
    return [scores.argmax({ axis: 1 }), softmax(scores, { axis: 1 }).max({ axis: 1 })]
  }

  override add([digits, sureness]: readonly ArrayLike<number>[]): void {
    this.#digits.push(...Array.from(digits!, Number))
    this.#sureness.push(...Array.from(sureness!))
  }

  override get value(): readonly Answer[] {
    return this.#digits.map((digit, i) => ({ digit, sureness: this.#sureness[i]! }))
  }

  override reset(): void {
    this.state = [[], []]
  }

  override get state(): MetricState {
    return [[...this.#digits], [...this.#sureness]]
  }

  override set state([digits, sureness]: MetricState) {
    this.#digits = [...digits!]
    this.#sureness = [...sureness!]
  }
}
