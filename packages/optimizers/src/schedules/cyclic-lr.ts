import { checkNumber } from '../optimizer.ts'
import { type MomentumOptions, MomentumSchedule } from './momentum-schedule.ts'
import { checkChoice, checkCount, perGroup, type Scheduled } from './schedule.ts'

/** Options of `CyclicLR`. */
export interface CyclicLROptions extends MomentumOptions {
  /** The least rate, for all groups or for each. */
  baseLr: number | readonly number[]
  /** The greatest rate, for all groups or for each. */
  maxLr: number | readonly number[]
  /** Steps from the least rate to the greatest; default 2000. */
  stepSizeUp?: number
  /** Steps from the greatest rate to the least; default `stepSizeUp`. */
  stepSizeDown?: number
  /**
   * What becomes of the height of the triangles: `triangular` (default) keeps it, `triangular2` halves it
   * with each cycle, `expRange` multiplies it by `gamma` with each step.
   */
  mode?: 'triangular' | 'triangular2' | 'expRange'
  /** Default 1. */
  gamma?: number
  /** A factor on the height in the place of `mode`, of the cycle (from 1) or, by `scaleMode`, of the step. */
  scaleFn?: (x: number) => number
  /** What `scaleFn` is given; default `cycle`. */
  scaleMode?: 'cycle' | 'iterations'
  /** The least momentum; default 0.8. */
  baseMomentum?: number | readonly number[]
  /** The greatest momentum; default 0.9. */
  maxMomentum?: number | readonly number[]
}

/**
 * The rate goes up and down between `baseLr` and `maxLr` in straight lines. Call `step()` after each batch.
 *
 * @example
 * const schedule = new CyclicLR(optimizer, { baseLr: 1e-4, maxLr: 1e-2, stepSizeUp: 2000 })
 * @see Smith 2017, "Cyclical learning rates for training neural networks", arXiv:1506.01186
 */
export class CyclicLR extends MomentumSchedule {
  readonly #maxLrs: readonly number[]
  readonly #total: number
  readonly #rise: number
  readonly #scale: (cycle: number, t: number) => number

  /** @throws ValueError when an option is out of range, or a momentum is to be cycled that is not there */
  constructor(optimizer: Scheduled, options: CyclicLROptions) {
    super('CyclicLR', optimizer)
    const { stepSizeUp = 2000, stepSizeDown = stepSizeUp } = options
    const { cycleMomentum = true, baseMomentum = 0.8, maxMomentum = 0.9 } = options
    checkCount('CyclicLR', 'stepSizeUp', stepSizeUp, 1)
    checkCount('CyclicLR', 'stepSizeDown', stepSizeDown, 1)
    const [baseLrs, maxLrs] = (['baseLr', 'maxLr'] as const).map((what) =>
      perGroup('CyclicLR', what, options[what], optimizer),
    ) as [number[], number[]]
    for (const lr of baseLrs) checkNumber('CyclicLR', 'baseLr', lr, 0)
    for (const lr of maxLrs) checkNumber('CyclicLR', 'maxLr', lr, 0)
    this.#maxLrs = maxLrs
    this.#total = stepSizeUp + stepSizeDown
    this.#rise = stepSizeUp / this.#total
    this.#scale = scaleOf(options)
    this.cycleBetween({ cycleMomentum, baseMomentum, maxMomentum })
    this.rebase(baseLrs)
    this.begin()
  }

  protected override first(_: number, g: number): number {
    return this.next(0, 0, g)
  }

  protected override next(_: number, t: number, g: number): number {
    const base = this.baseLr(g)
    return base + (this.#maxLrs[g]! - base) * this.#height(t)
  }

  protected override momentum(t: number, base: number, max: number): number {
    return max - (max - base) * this.#height(t)
  }

  /** Where on the triangle step t is, times its scale. */
  #height(t: number): number {
    const cycle = Math.floor(1 + t / this.#total)
    const x = 1 + t / this.#total - cycle
    const rise = this.#rise
    return (x <= rise ? x / rise : (x - 1) / (rise - 1)) * this.#scale(cycle, t)
  }
}

function scaleOf(options: CyclicLROptions): (cycle: number, t: number) => number {
  const { mode = 'triangular', gamma = 1, scaleFn, scaleMode = 'cycle' } = options
  checkChoice('CyclicLR', 'mode', mode, ['triangular', 'triangular2', 'expRange'])
  checkChoice('CyclicLR', 'scaleMode', scaleMode, ['cycle', 'iterations'])
  checkNumber('CyclicLR', 'gamma', gamma, 0)
  if (scaleFn) return (cycle, t) => scaleFn(scaleMode === 'cycle' ? cycle : t)
  if (mode === 'triangular2') return (cycle) => 1 / 2 ** (cycle - 1)
  return mode === 'expRange' ? (_, t) => gamma ** t : () => 1
}
