import { importanceOf } from './importance.ts'
import type { Space } from './space.ts'
import type { Direction } from './successive-halving.ts'
import type { ParameterValue } from './space.ts'
import type { Report, Trial } from './trial.ts'

/** Something that has happened in a study; a line of its file. */
export type StudyEvent =
  | {
      readonly event: 'begin'
      readonly trial: number
      readonly parameters: Readonly<Record<string, ParameterValue>>
    }
  | ({ readonly event: 'report'; readonly trial: number } & Report)
  | {
      readonly event: 'end'
      readonly trial: number
      readonly status: 'finished' | 'pruned' | 'failed'
      readonly value?: number
      readonly error?: string
    }

/** The trials of a search, and what they say. */
export class Study<S extends Space = Space> {
  readonly space: S
  readonly direction: Direction
  readonly #trials: Trial[] = []

  constructor(space: S, direction: Direction) {
    this.space = space
    this.direction = direction
  }

  /** All trials, by number. */
  get trials(): readonly Trial[] {
    return this.#trials
  }

  /** Trials with a value, finished or pruned, the best first; of equal ones the earlier. */
  get ranking(): readonly Trial[] {
    const sign = this.direction === 'minimize' ? 1 : -1
    return this.#trials
      .filter(({ status, value }) => status !== 'running' && value !== undefined && !Number.isNaN(value))
      .toSorted((a, b) => sign * (a.value! - b.value!) || a.number - b.number)
  }

  /** The best trial that was finished. */
  get best(): Trial | undefined {
    return this.ranking.find(({ status }) => status === 'finished')
  }

  /**
   * How much of the spread of values each hyper-parameter explains by itself, from 0 to 1: the variance
   * between groups of trials that are alike in it, less what chance would give.
   *
   * @see Hutter, Hoos & Leyton-Brown 2014, "An efficient approach for assessing hyperparameter importance",
   *   whose main effects these are, estimated by bins
   */
  get importance(): Readonly<Record<string, number>> {
    return importanceOf(this.space, this.ranking)
  }

  /** @internal */
  apply(event: StudyEvent): void {
    const { trial: number } = event
    if (event.event === 'begin') {
      this.#trials[number] = { number, parameters: event.parameters, status: 'running', reports: [] }
      return
    }
    const trial = this.#trials[number]!
    if (event.event === 'report') {
      const { progress, value } = event
      this.#trials[number] = { ...trial, reports: [...trial.reports, { progress, value }] }
    } else {
      const { status, value, error } = event
      this.#trials[number] = {
        ...trial,
        status,
        ...(value !== undefined && { value }),
        ...(error !== undefined && { error }),
      }
    }
  }
}
