import { ValueError } from '@badak/tensor'
import { perGroup, Schedule, type Scheduled } from './schedule.ts'

/** The factor on the first rate at step t. */
export type RateLambda = (t: number) => number

/** Options of `LambdaLR`. */
export interface LambdaLROptions {
  /** For all groups, or one for each. */
  lrLambda: RateLambda | readonly RateLambda[]
}

/**
 * The first rate times what a function of the step gives.
 *
 * @example
 * const schedule = new LambdaLR(optimizer, { lrLambda: (t) => 1 / Math.sqrt(1 + t) })
 */
export class LambdaLR extends Schedule {
  readonly #lambdas: readonly RateLambda[]

  /** @throws ValueError when there are not as many functions as groups, or one gives no number ≥ 0 */
  constructor(optimizer: Scheduled, { lrLambda }: LambdaLROptions) {
    super('LambdaLR', optimizer)
    this.#lambdas = perGroup<RateLambda>('LambdaLR', 'lrLambda', lrLambda, optimizer)
    this.begin()
  }

  protected override first(_: number, g: number): number {
    return this.next(0, 0, g)
  }

  protected override next(_: number, t: number, g: number): number {
    const factor = this.#lambdas[g]!(t)
    if (Number.isFinite(factor) && factor >= 0) return this.baseLr(g) * factor
    throw new ValueError(`LambdaLR: the factor of step ${t} is not a number ≥ 0: ${String(factor)}`)
  }
}
