import { ValueError } from '@badak/tensor'
import { loadAll, optimizerOf } from './chained-scheduler.ts'
import { checkCount, Schedule, type ScheduleState } from './schedule.ts'

/** Options of `SequentialLR`. */
export interface SequentialLROptions {
  /** The steps at which the second, third … schedule begins, rising. */
  milestones: readonly number[]
}

/**
 * Several schedules one after another: each begins at its milestone, from the first rates.
 *
 * @example
 * ```ts
 * const schedule = new SequentialLR(
 *   [new WarmUpLR(optimizer, { steps: 5 }), new CosineAnnealingLR(optimizer, { tMax: 95 })],
 *   { milestones: [5] },
 * )
 * ```
 */
export class SequentialLR extends Schedule {
  readonly #schedules: readonly Schedule[]
  readonly #milestones: readonly number[]

  /**
   * @throws ValueError when there are no schedules, one is no `Schedule`, they are of different optimizers,
   *   or there is not one rising milestone between each two
   */
  constructor(schedules: readonly Schedule[], { milestones }: SequentialLROptions) {
    super('SequentialLR', optimizerOf('SequentialLR', schedules))
    if (milestones.length !== schedules.length - 1) {
      throw new ValueError(`SequentialLR: ${milestones.length} milestones for ${schedules.length} schedules`)
    }
    milestones.forEach((milestone, i) =>
      checkCount('SequentialLR', `milestones[${i}]`, milestone, (milestones[i - 1] ?? 0) + 1),
    )
    this.#schedules = [...schedules]
    this.#milestones = [...milestones]
    this.restart()
  }

  override stateDict(): ScheduleState {
    return { ...super.stateDict(), schedules: this.#schedules.map((schedule) => schedule.stateDict()) }
  }

  override loadStateDict(state: ScheduleState): void {
    loadAll('SequentialLR', this.#schedules, state)
    super.loadStateDict(state)
  }

  /** @internal */
  override begin(): void {
    super.begin()
    this.#schedules[0]!.begin()
  }

  protected override advance(t: number): void {
    const current = this.#milestones.filter((milestone) => milestone <= t).length
    const schedule = this.#schedules[current]!
    if (this.#milestones[current - 1] === t) schedule.restart()
    else schedule.step()
  }

  protected override next(lr: number): number {
    return lr
  }
}
