import { checkNumber } from '../optimizer.ts'
import { checkCount, Schedule, type Scheduled } from './schedule.ts'

/** Options of `PolynomialLR`. */
export interface PolynomialLROptions {
  /** After how many steps the rate is 0; default 5. */
  totalIters?: number
  /** Default 1, a straight line. */
  power?: number
}

/**
 * The rate times (1 − t / totalIters)^power, the "poly" schedule of semantic segmentation.
 *
 * @example
 * const schedule = new PolynomialLR(optimizer, { totalIters: 40_000, power: 0.9 })
 * @see Chen et al. 2017, "DeepLab", arXiv:1606.00915, section 4.3
 */
export class PolynomialLR extends Schedule {
  readonly #totalIters: number
  readonly #power: number

  /** @throws ValueError when an option is out of range */
  constructor(optimizer: Scheduled, { totalIters = 5, power = 1 }: PolynomialLROptions = {}) {
    super('PolynomialLR', optimizer)
    checkCount('PolynomialLR', 'totalIters', totalIters, 1)
    checkNumber('PolynomialLR', 'power', power, 0)
    this.#totalIters = totalIters
    this.#power = power
    this.begin()
  }

  protected override next(lr: number, t: number): number {
    const total = this.#totalIters
    return t > total ? lr : lr * ((1 - t / total) / (1 - (t - 1) / total)) ** this.#power
  }
}
