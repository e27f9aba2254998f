import { checkNumber } from '../optimizer.ts'
import { checkCount, Schedule, type Scheduled } from './schedule.ts'

/** Options of `CosineAnnealingLR`. */
export interface CosineAnnealingLROptions {
  /** How many steps it takes from the rate to `etaMin`. */
  tMax: number
  /** The least rate; default 0. */
  etaMin?: number
}

/**
 * The rate falls to `etaMin` along half a cosine, and would rise again after `tMax` steps:
 * etaMin + ½·(lr − etaMin)·(1 + cos(π·t / tMax)).
 *
 * @example
 * const schedule = new CosineAnnealingLR(optimizer, { tMax: 200 })
 * @see Loshchilov & Hutter 2017, "SGDR: stochastic gradient descent with warm restarts", arXiv:1608.03983
 */
export class CosineAnnealingLR extends Schedule {
  readonly #tMax: number
  readonly #etaMin: number

  /** @throws ValueError when an option is out of range */
  constructor(optimizer: Scheduled, { tMax, etaMin = 0 }: CosineAnnealingLROptions) {
    super('CosineAnnealingLR', optimizer)
    checkCount('CosineAnnealingLR', 'tMax', tMax, 1)
    checkNumber('CosineAnnealingLR', 'etaMin', etaMin, 0)
    this.#tMax = tMax
    this.#etaMin = etaMin
    this.begin()
  }

  protected override next(lr: number, t: number, g: number): number {
    const [tMax, etaMin] = [this.#tMax, this.#etaMin]
    // From its least value, which is no fraction of what it was, the rate rises by addition.
    if ((t - 1 - tMax) % (2 * tMax) === 0) {
      return lr + ((this.baseLr(g) - etaMin) * (1 - Math.cos(Math.PI / tMax))) / 2
    }
    const [height, before] = [t, t - 1].map((step) => 1 + Math.cos((Math.PI * step) / tMax)) as [
      number,
      number,
    ]
    return (height / before) * (lr - etaMin) + etaMin
  }
}
