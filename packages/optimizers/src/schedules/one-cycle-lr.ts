import { ValueError } from '@badak/tensor'
import { checkNumber } from '../optimizer.ts'
import { type MomentumOptions, MomentumSchedule } from './momentum-schedule.ts'
import { checkChoice, checkCount, checkRange, perGroup, type Scheduled } from './schedule.ts'

/** Options of `OneCycleLR`. */
export interface OneCycleLROptions extends MomentumOptions {
  /** The greatest rate, for all groups or for each. */
  maxLr: number | readonly number[]
  /** How many steps the cycle has; or give `epochs` and `stepsPerEpoch`. */
  totalSteps?: number
  /** Instead of `totalSteps`. */
  epochs?: number
  /** Batches of an epoch. */
  stepsPerEpoch?: number
  /** The part of the steps in which the rate rises; default 0.3. */
  pctStart?: number
  /** Default `cos`. */
  annealStrategy?: 'cos' | 'linear'
  /** The least momentum; default 0.85. */
  baseMomentum?: number | readonly number[]
  /** The greatest momentum; default 0.95. */
  maxMomentum?: number | readonly number[]
  /** The first rate is maxLr / divFactor; default 25. */
  divFactor?: number
  /** The last rate is the first / finalDivFactor; default 10000. */
  finalDivFactor?: number
  /** Whether the rate falls as it rose, and is brought to nothing in a third phase; default false. */
  threePhase?: boolean
}

/** Where a phase ends, in steps, and the level that rate and momentum reach there. */
interface Phase {
  readonly end: number
  readonly rate: 'initial' | 'max' | 'min'
}

/**
 * One cycle: the rate rises from maxLr / divFactor to maxLr, then falls to nothing, while the momentum does
 * the opposite. Call `step()` after each batch.
 *
 * @example
 * const schedule = new OneCycleLR(optimizer, { maxLr: 0.1, epochs: 10, stepsPerEpoch: 500 })
 * @see Smith & Topin 2018, "Super-convergence: very fast training of neural networks using large learning
 *   rates", arXiv:1708.07120
 */
export class OneCycleLR extends MomentumSchedule {
  readonly #rates: readonly Record<Phase['rate'], number>[]
  readonly #phases: readonly Phase[]
  readonly #totalSteps: number
  readonly #anneal: (from: number, to: number, part: number) => number

  /** @throws ValueError when an option is out of range, or a momentum is to be cycled that is not there */
  constructor(optimizer: Scheduled, options: OneCycleLROptions) {
    super('OneCycleLR', optimizer)
    const { pctStart = 0.3, annealStrategy = 'cos', divFactor = 25, finalDivFactor = 1e4 } = options
    const { threePhase = false, cycleMomentum = true, baseMomentum = 0.85, maxMomentum = 0.95 } = options
    checkRange('OneCycleLR', 'pctStart', pctStart, 0, threePhase ? 0.5 : 1)
    checkChoice('OneCycleLR', 'annealStrategy', annealStrategy, ['cos', 'linear'])
    for (const [what, value] of Object.entries({ divFactor, finalDivFactor })) {
      if (!(value > 0)) throw new ValueError(`OneCycleLR: ${what} is not a number > 0: ${String(value)}`)
    }
    this.#totalSteps = totalSteps(options)
    this.#phases = phases(this.#totalSteps, pctStart, threePhase)
    this.#anneal = annealStrategy === 'cos' ? annealCosine : annealLinear
    this.#rates = perGroup('OneCycleLR', 'maxLr', options.maxLr, optimizer).map((max) => {
      checkNumber('OneCycleLR', 'maxLr', max, 0)
      const initial = max / divFactor
      return { max, initial, min: initial / finalDivFactor }
    })
    this.cycleBetween({ cycleMomentum, baseMomentum, maxMomentum })
    this.rebase(this.#rates.map(({ initial }) => initial))
    this.begin()
  }

  protected override first(_: number, g: number): number {
    return this.next(0, 0, g)
  }

  /** @throws ValueError after the last of `totalSteps` */
  protected override next(_: number, t: number, g: number): number {
    if (t > this.#totalSteps) {
      throw new ValueError(`OneCycleLR.step: step ${t} of a cycle of ${this.#totalSteps} steps`)
    }
    const { from, to, part } = this.#phaseAt(t)
    const rates = this.#rates[g]!
    return this.#anneal(rates[from], rates[to], part)
  }

  protected override momentum(t: number, base: number, max: number): number {
    const { from, to, part } = this.#phaseAt(t)
    const [start, end] = [from, to].map((rate) => (rate === 'max' ? base : max)) as [number, number]
    return this.#anneal(start, end, part)
  }

  #phaseAt(t: number): { from: Phase['rate']; to: Phase['rate']; part: number } {
    const last = this.#phases.length - 1
    const found = this.#phases.findIndex(({ end }, i) => t <= end || i === last)
    const { end, rate: to } = this.#phases[found]!
    const { end: start, rate: from } = this.#phases[found - 1] ?? { end: 0, rate: 'initial' }
    // The step after the last batch leaves the rate at its end.
    return { from, to, part: t >= end ? 1 : (t - start) / (end - start) }
  }
}

function totalSteps({ totalSteps, epochs, stepsPerEpoch }: OneCycleLROptions): number {
  if (totalSteps !== undefined) {
    checkCount('OneCycleLR', 'totalSteps', totalSteps, 1)
    return totalSteps
  }
  if (epochs === undefined || stepsPerEpoch === undefined) {
    throw new ValueError('OneCycleLR: give totalSteps, or epochs and stepsPerEpoch')
  }
  checkCount('OneCycleLR', 'epochs', epochs, 1)
  checkCount('OneCycleLR', 'stepsPerEpoch', stepsPerEpoch, 1)
  return epochs * stepsPerEpoch
}

function phases(total: number, pctStart: number, threePhase: boolean): Phase[] {
  const rise: Phase = { end: pctStart * total - 1, rate: 'max' }
  const end: Phase = { end: total - 1, rate: 'min' }
  return threePhase ? [rise, { end: 2 * pctStart * total - 2, rate: 'initial' }, end] : [rise, end]
}

function annealCosine(from: number, to: number, part: number): number {
  return to + ((from - to) / 2) * (Math.cos(Math.PI * part) + 1)
}

function annealLinear(from: number, to: number, part: number): number {
  return (to - from) * part + from
}
