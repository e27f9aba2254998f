import { checkNumber } from '../optimizer.ts'
import { Schedule, type Scheduled } from './schedule.ts'

/** Options of `ExponentialLR`. */
export interface ExponentialLROptions {
  /** Factor on the rate at each step. */
  gamma: number
}

/**
 * Multiplies the rate by `gamma` at each step.
 *
 * @example
 * const schedule = new ExponentialLR(optimizer, { gamma: 0.95 })
 */
export class ExponentialLR extends Schedule {
  readonly #gamma: number

  /** @throws ValueError unless `gamma` is a number ≥ 0 */
  constructor(optimizer: Scheduled, { gamma }: ExponentialLROptions) {
    super('ExponentialLR', optimizer)
    checkNumber('ExponentialLR', 'gamma', gamma, 0)
    this.#gamma = gamma
    this.begin()
  }

  protected override next(lr: number): number {
    return lr * this.#gamma
  }
}
