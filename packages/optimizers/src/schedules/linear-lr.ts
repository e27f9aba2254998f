import { checkFactor } from './constant-lr.ts'
import { checkCount, checkRange, Schedule, type Scheduled } from './schedule.ts'

/** Options of `LinearLR`. */
export interface LinearLROptions {
  /** Factor on the rate at first, in (0, 1]; default ⅓. */
  startFactor?: number
  /** Factor on the rate from `totalIters` on, in [0, 1]; default 1. */
  endFactor?: number
  /** How many steps lie between them; default 5. */
  totalIters?: number
}

/**
 * The rate times a factor that moves from `startFactor` to `endFactor` in a straight line.
 *
 * @example
 * const schedule = new LinearLR(optimizer, { startFactor: 1, endFactor: 0, totalIters: 1000 })
 */
export class LinearLR extends Schedule {
  readonly #start: number
  readonly #end: number
  readonly #totalIters: number

  /** @throws ValueError when an option is out of range */
  constructor(
    optimizer: Scheduled,
    { startFactor = 1 / 3, endFactor = 1, totalIters = 5 }: LinearLROptions = {},
  ) {
    super('LinearLR', optimizer)
    checkFactor('LinearLR', 'startFactor', startFactor)
    checkRange('LinearLR', 'endFactor', endFactor, 0, 1)
    checkCount('LinearLR', 'totalIters', totalIters, 1)
    this.#start = startFactor
    this.#end = endFactor
    this.#totalIters = totalIters
    this.begin()
  }

  protected override first(lr: number): number {
    return lr * this.#start
  }

  protected override next(lr: number, t: number): number {
    if (t > this.#totalIters) return lr
    const rise = this.#end - this.#start
    return lr * (1 + rise / (this.#totalIters * this.#start + (t - 1) * rise))
  }
}
