import type { ParameterValue } from './space.ts'

/** A figure that a trial has reported on its way. */
export interface Report {
  /** How far the trial was, such as the number of epochs. */
  readonly progress: number
  readonly value: number
}

/** What became of one choice of hyper-parameters. */
export interface Trial {
  /** Counted from 0, in the order in which they were begun. */
  readonly number: number
  readonly parameters: Readonly<Record<string, ParameterValue>>
  readonly status: 'running' | 'finished' | 'pruned' | 'failed'
  /** The figure on validation data: at the end, or the last one before it was given up. */
  readonly value?: number
  /** On its way, in order. */
  readonly reports: readonly Report[]
  /** Why it failed. */
  readonly error?: string
}

/** A trial while it runs, as its objective sees it. */
export interface RunningTrial {
  readonly number: number
  /** A seed of its own: the same for the same trial of the same study. */
  readonly seed: number
  /**
   * Tells how good it is so far.
   *
   * @returns whether it is worth going on; if not, the objective should return at once
   */
  report(progress: number, value: number): Promise<boolean>
}

/** Measures a choice of hyper-parameters on validation data; never on test data, which would no longer be any. */
export type Objective<P> = (parameters: P, trial: RunningTrial) => number | Promise<number>
