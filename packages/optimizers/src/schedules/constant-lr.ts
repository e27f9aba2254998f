import { ValueError } from '@badak/tensor'
import { checkCount, checkRange, Schedule, type Scheduled } from './schedule.ts'

/** Options of `ConstantLR`. */
export interface ConstantLROptions {
  /** Factor on the rate at first, in (0, 1]; default ⅓. */
  factor?: number
  /** After how many steps the rate is what it was; default 5. */
  totalIters?: number
}

/**
 * Multiplies the rate by `factor` until `totalIters` steps have been taken.
 *
 * @example
 * const schedule = new ConstantLR(optimizer, { factor: 0.5, totalIters: 4 })
 */
export class ConstantLR extends Schedule {
  readonly #factor: number
  readonly #totalIters: number

  /** @throws ValueError when an option is out of range */
  constructor(optimizer: Scheduled, { factor = 1 / 3, totalIters = 5 }: ConstantLROptions = {}) {
    super('ConstantLR', optimizer)
    checkFactor('ConstantLR', 'factor', factor)
    checkCount('ConstantLR', 'totalIters', totalIters, 0)
    this.#factor = factor
    this.#totalIters = totalIters
    this.begin()
  }

  protected override first(lr: number): number {
    return lr * this.#factor
  }

  protected override next(lr: number, t: number): number {
    return t === this.#totalIters ? lr * (1 / this.#factor) : lr
  }
}

/** A factor that a rate can be divided by again. @throws ValueError when it is not in (0, 1] */
export function checkFactor(name: string, what: string, factor: number): void {
  checkRange(name, what, factor, 0, 1)
  if (factor === 0) throw new ValueError(`${name}: ${what} is 0, from which no rate can rise`)
}
