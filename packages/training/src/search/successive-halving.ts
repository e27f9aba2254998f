import { ValueError } from '@badak/tensor'
import type { Report, Trial } from './trial.ts'

/** Decides which trials are not worth going on with. */
export interface Pruner {
  /**
   * @param report what a trial has just reported
   * @param trial its number and its reports before that
   * @param trials all trials, that one included
   * @returns whether it should go on
   */
  goOn(report: Report, trial: Trial, trials: readonly Trial[], direction: Direction): boolean
}

/** Whether small or great values are good. */
export type Direction = 'minimize' | 'maximize'

/** When trials are compared. */
export interface SuccessiveHalvingOptions {
  /** Progress at the first comparison; default 1. */
  first?: number
  /** A comparison lets one in so many go on, and the next one comes after so many times the progress; default 3. */
  reduction?: number
}

/**
 * Asynchronous successive halving: when a trial comes to progress `first`, `first·reduction`,
 * `first·reduction²` …, it goes on only if it is among the best 1/reduction of all that have come so far.
 * Nothing waits for slower trials.
 *
 * @see Li et al. 2020, "A system for massively parallel hyperparameter tuning", arXiv:1810.05934
 */
export function successiveHalving({ first = 1, reduction = 3 }: SuccessiveHalvingOptions = {}): Pruner {
  if (!(first > 0)) throw new ValueError(`successiveHalving: first is not a number > 0: ${first}`)
  if (!(reduction > 1)) throw new ValueError(`successiveHalving: reduction is not a number > 1: ${reduction}`)
  return {
    goOn(report, trial, trials, direction) {
      const before = trial.reports.at(-1)?.progress ?? 0
      const sign = direction === 'minimize' ? 1 : -1
      for (let rung = first; rung <= report.progress; rung *= reduction) {
        if (rung <= before) continue
        const others = trials.filter(({ number }) => number !== trial.number)
        const reached = others
          .map(({ reports }) => valueAt(reports, rung))
          .filter((value) => value !== undefined)
        const better = reached.filter((value) => sign * (value - report.value) < 0).length
        // Of few, at least the best one goes on.
        if (better >= Math.max(1, Math.floor((reached.length + 1) / reduction))) return false
        if (Number.isNaN(report.value)) return false
      }
      return true
    },
  }
}

/** What a trial reported when it first came to `progress`. */
function valueAt(reports: readonly Report[], progress: number): number | undefined {
  return reports.find((report) => report.progress >= progress)?.value
}
