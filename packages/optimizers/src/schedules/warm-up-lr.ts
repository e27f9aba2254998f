import { checkCount, Schedule, type Scheduled } from './schedule.ts'

/** Options of `WarmUpLR`. */
export interface WarmUpLROptions {
  /** After how many steps the rate is reached. */
  steps: number
}

/**
 * Lets the rate rise in a straight line: the first step is taken with 1/`steps` of it, the last of `steps`
 * with all of it. Chained before another schedule it warms that one up.
 *
 * @example
 * ```ts
 * const schedule = new ChainedScheduler([
 *   new WarmUpLR(optimizer, { steps: 500 }),
 *   new CosineAnnealingLR(optimizer, { tMax: 10_000 }),
 * ])
 * ```
 * @see Goyal et al. 2017, "Accurate, large minibatch SGD: training ImageNet in 1 hour", arXiv:1706.02677
 */
export class WarmUpLR extends Schedule {
  readonly #steps: number

  /** @throws ValueError unless `steps` is an integer ≥ 1 */
  constructor(optimizer: Scheduled, { steps }: WarmUpLROptions) {
    super('WarmUpLR', optimizer)
    checkCount('WarmUpLR', 'steps', steps, 1)
    this.#steps = steps
    this.begin()
  }

  protected override first(lr: number): number {
    return lr / this.#steps
  }

  protected override next(lr: number, t: number): number {
    return t < this.#steps ? (lr * (t + 1)) / t : lr
  }
}
