import { checkNumber } from '../optimizer.ts'
import { checkCount, Schedule, type Scheduled } from './schedule.ts'

/** Options of `StepLR`. */
export interface StepLROptions {
  /** After how many steps each. */
  stepSize: number
  /** Factor on the rate; default 0.1. */
  gamma?: number
}

/**
 * Multiplies the rate by `gamma` every `stepSize` steps.
 *
 * @example
 * ```ts
 * const schedule = new StepLR(optimizer, { stepSize: 30 })
 * for (let epoch = 0; epoch < 90; epoch++) {
 *   await train(model, optimizer)
 *   schedule.step()
 * }
 * ```
 */
export class StepLR extends Schedule {
  readonly #stepSize: number
  readonly #gamma: number

  /** @throws ValueError unless `stepSize` is an integer ≥ 1 and `gamma` a number ≥ 0 */
  constructor(optimizer: Scheduled, { stepSize, gamma = 0.1 }: StepLROptions) {
    super('StepLR', optimizer)
    checkCount('StepLR', 'stepSize', stepSize, 1)
    checkNumber('StepLR', 'gamma', gamma, 0)
    this.#stepSize = stepSize
    this.#gamma = gamma
    this.begin()
  }

  protected override next(lr: number, t: number): number {
    return t % this.#stepSize === 0 ? lr * this.#gamma : lr
  }
}
