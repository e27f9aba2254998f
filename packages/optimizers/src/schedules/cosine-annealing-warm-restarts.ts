import { checkNumber } from '../optimizer.ts'
import { checkCount, Schedule, type Scheduled } from './schedule.ts'

/** Options of `CosineAnnealingWarmRestarts`. */
export interface CosineAnnealingWarmRestartsOptions {
  /** Steps until the first restart. */
  t0: number
  /** Factor on the number of steps from restart to restart, an integer; default 1. */
  tMult?: number
  /** The least rate; default 0. */
  etaMin?: number
}

/**
 * The rate falls to `etaMin` along half a cosine, and begins anew after `t0`, then `t0·tMult`, `t0·tMult²` …
 * steps.
 *
 * @example
 * const schedule = new CosineAnnealingWarmRestarts(optimizer, { t0: 10, tMult: 2 })
 * @see Loshchilov & Hutter 2017, "SGDR: stochastic gradient descent with warm restarts", arXiv:1608.03983
 */
export class CosineAnnealingWarmRestarts extends Schedule {
  readonly #t0: number
  readonly #tMult: number
  readonly #etaMin: number

  /** @throws ValueError when an option is out of range */
  constructor(optimizer: Scheduled, { t0, tMult = 1, etaMin = 0 }: CosineAnnealingWarmRestartsOptions) {
    super('CosineAnnealingWarmRestarts', optimizer)
    checkCount('CosineAnnealingWarmRestarts', 't0', t0, 1)
    checkCount('CosineAnnealingWarmRestarts', 'tMult', tMult, 1)
    checkNumber('CosineAnnealingWarmRestarts', 'etaMin', etaMin, 0)
    this.#t0 = t0
    this.#tMult = tMult
    this.#etaMin = etaMin
    this.begin()
  }

  protected override first(_: number, g: number): number {
    return this.next(0, 0, g)
  }

  protected override next(_: number, t: number, g: number): number {
    let [since, period] = [t, this.#t0]
    while (since >= period) {
      since -= period
      period *= this.#tMult
    }
    const etaMin = this.#etaMin
    return etaMin + ((this.baseLr(g) - etaMin) * (1 + Math.cos((Math.PI * since) / period))) / 2
  }
}
