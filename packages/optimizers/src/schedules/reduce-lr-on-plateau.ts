import { ValueError } from '@badak/tensor'
import { checkNumber } from '../optimizer.ts'
import { checkChoice, checkCount, checkRates, perGroup, refuseTracing, type Scheduled } from './schedule.ts'

/** Options of `ReduceLROnPlateau`. */
export interface ReduceLROnPlateauOptions {
  /** Whether the metric is to fall (default, `min`) or to rise (`max`). */
  mode?: 'min' | 'max'
  /** Factor on the rate, in [0, 1); default 0.1. */
  factor?: number
  /** How many steps without improvement are let pass; default 10. */
  patience?: number
  /** What counts as an improvement; default 1e-4. */
  threshold?: number
  /** Whether the threshold is a part of the best metric (default, `rel`) or a difference from it (`abs`). */
  thresholdMode?: 'rel' | 'abs'
  /** How many steps after a reduction do not count; default 0. */
  cooldown?: number
  /** The least rate, for all groups or for each; default 0. */
  minLr?: number | readonly number[]
  /** A reduction by less than this is left out; default 1e-8. */
  eps?: number
}

/** What the schedule must remember to go on, fit for JSON. */
export interface ReduceLROnPlateauState {
  /** The best metric so far; `null` before the first that is a number. */
  readonly best: number | null
  readonly badSteps: number
  readonly cooldownLeft: number
  /** The present rates, by group. */
  readonly lrs: readonly number[]
}

/**
 * Multiplies the rate by `factor` when a metric has not improved for more than `patience` steps. A metric
 * that is NaN is no improvement.
 *
 * @example
 * ```ts
 * const schedule = new ReduceLROnPlateau(optimizer, { patience: 5 })
 * schedule.step(await validationLoss(model))
 * ```
 */
export class ReduceLROnPlateau {
  readonly optimizer: Scheduled
  readonly #options: Required<Omit<ReduceLROnPlateauOptions, 'minLr'>>
  readonly #minLrs: readonly number[]
  #best: number | null = null
  #badSteps = 0
  #cooldownLeft = 0

  /** @throws ValueError when an option is out of range */
  constructor(optimizer: Scheduled, { minLr = 0, ...options }: ReduceLROnPlateauOptions = {}) {
    const defaults = {
      mode: 'min',
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      thresholdMode: 'rel',
    } as const
    this.#options = { ...defaults, cooldown: 0, eps: 1e-8, ...options }
    const { mode, factor, patience, threshold, thresholdMode, cooldown, eps } = this.#options
    checkChoice('ReduceLROnPlateau', 'mode', mode, ['min', 'max'])
    checkNumber('ReduceLROnPlateau', 'factor', factor, 0, 1)
    checkCount('ReduceLROnPlateau', 'patience', patience, 0)
    checkNumber('ReduceLROnPlateau', 'threshold', threshold, 0)
    checkChoice('ReduceLROnPlateau', 'thresholdMode', thresholdMode, ['rel', 'abs'])
    checkCount('ReduceLROnPlateau', 'cooldown', cooldown, 0)
    checkNumber('ReduceLROnPlateau', 'eps', eps, 0)
    this.#minLrs = perGroup('ReduceLROnPlateau', 'minLr', minLr, optimizer)
    for (const lr of this.#minLrs) checkNumber('ReduceLROnPlateau', 'minLr', lr, 0)
    this.optimizer = optimizer
  }

  /** The present learning rates, by group. */
  get lrs(): number[] {
    return this.optimizer.groups.map(({ lr }) => lr)
  }

  /**
   * Takes note of `metric`, and reduces the rates if it is time to.
   *
   * @throws ValueError when the metric is not a number: await `loss.item()` first
   */
  step(metric: number): void {
    refuseTracing('ReduceLROnPlateau')
    if (typeof metric !== 'number') {
      throw new ValueError(
        `ReduceLROnPlateau.step: the metric is not a number (await item()): ${String(metric)}`,
      )
    }
    const { patience, cooldown } = this.#options
    if (this.#improves(metric)) {
      this.#best = metric
      this.#badSteps = 0
    } else this.#badSteps++
    if (this.#cooldownLeft > 0) {
      this.#cooldownLeft--
      this.#badSteps = 0
    }
    if (this.#badSteps <= patience) return
    this.#reduce()
    this.#cooldownLeft = cooldown
    this.#badSteps = 0
  }

  /** What it has seen, for `loadStateDict()` of a schedule with the same options. */
  stateDict(): ReduceLROnPlateauState {
    return { best: this.#best, badSteps: this.#badSteps, cooldownLeft: this.#cooldownLeft, lrs: this.lrs }
  }

  /**
   * Goes on where `stateDict()` was taken, and sets the rates that the groups had then.
   *
   * @throws ValueError when the state is not of such a schedule
   */
  loadStateDict({ best, badSteps, cooldownLeft, lrs }: ReduceLROnPlateauState): void {
    const { groups } = this.optimizer
    const operation = 'ReduceLROnPlateau.loadStateDict'
    if (best !== null && typeof best !== 'number')
      throw new ValueError(`${operation}: best is not a number: ${best}`)
    checkCount(operation, 'badSteps', badSteps, 0)
    checkCount(operation, 'cooldownLeft', cooldownLeft, 0)
    checkRates(operation, 'lrs', lrs, groups.length)
    this.#best = best
    this.#badSteps = badSteps
    this.#cooldownLeft = cooldownLeft
    groups.forEach((group, g) => (group.lr = lrs[g]!))
  }

  #improves(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options
    const sign = mode === 'min' ? 1 : -1
    const best = this.#best ?? sign * Infinity
    const limit = thresholdMode === 'rel' ? best * (1 - sign * threshold) : best - sign * threshold
    return mode === 'min' ? metric < limit : metric > limit
  }

  #reduce(): void {
    const { factor, eps } = this.#options
    this.optimizer.groups.forEach((group, g) => {
      const lr = Math.max(group.lr * factor, this.#minLrs[g]!)
      if (group.lr - lr > eps) group.lr = lr
    })
  }
}
