import { checkNumber } from '../optimizer.ts'
import { checkCount, Schedule, type Scheduled } from './schedule.ts'

/** Options of `MultiStepLR`. */
export interface MultiStepLROptions {
  /** The steps at which the rate changes; one that is listed twice counts twice. */
  milestones: readonly number[]
  /** Factor on the rate; default 0.1. */
  gamma?: number
}

/**
 * Multiplies the rate by `gamma` at each of the `milestones`.
 *
 * @example
 * const schedule = new MultiStepLR(optimizer, { milestones: [30, 80] })
 */
export class MultiStepLR extends Schedule {
  readonly #milestones: readonly number[]
  readonly #gamma: number

  /** @throws ValueError unless milestones are integers ≥ 0 and `gamma` a number ≥ 0 */
  constructor(optimizer: Scheduled, { milestones, gamma = 0.1 }: MultiStepLROptions) {
    super('MultiStepLR', optimizer)
    milestones.forEach((milestone, i) => checkCount('MultiStepLR', `milestones[${i}]`, milestone, 0))
    checkNumber('MultiStepLR', 'gamma', gamma, 0)
    this.#milestones = [...milestones]
    this.#gamma = gamma
    this.begin()
  }

  protected override first(lr: number): number {
    return this.next(lr, 0)
  }

  protected override next(lr: number, t: number): number {
    const times = this.#milestones.filter((milestone) => milestone === t).length
    return lr * this.#gamma ** times
  }
}
