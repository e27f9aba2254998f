import { ValueError } from '@badak/tensor'
import { Schedule, type Scheduled, type ScheduleState } from './schedule.ts'

/**
 * Several schedules at once: each changes the rate that the one before it has left.
 *
 * @example
 * ```ts
 * const schedule = new ChainedScheduler([
 *   new WarmUpLR(optimizer, { steps: 100 }),
 *   new ExponentialLR(optimizer, { gamma: 0.999 }),
 * ])
 * ```
 */
export class ChainedScheduler extends Schedule {
  readonly #schedules: readonly Schedule[]

  /** @throws ValueError when there are none, one is no `Schedule`, or they are of different optimizers */
  constructor(schedules: readonly Schedule[]) {
    super('ChainedScheduler', optimizerOf('ChainedScheduler', schedules))
    this.#schedules = [...schedules]
  }

  override stateDict(): ScheduleState {
    return { ...super.stateDict(), schedules: this.#schedules.map((schedule) => schedule.stateDict()) }
  }

  override loadStateDict(state: ScheduleState): void {
    loadAll('ChainedScheduler', this.#schedules, state)
    super.loadStateDict(state)
  }

  /** @internal */
  override begin(): void {
    super.begin()
    for (const schedule of this.#schedules) schedule.begin()
  }

  protected override advance(): void {
    for (const schedule of this.#schedules) schedule.step()
  }

  protected override next(lr: number): number {
    return lr
  }
}

/** The optimizer that all schedules share. @throws ValueError when there is none */
export function optimizerOf(name: string, schedules: readonly Schedule[]): Scheduled {
  const [first] = schedules
  if (!first) throw new ValueError(`${name}: there are no schedules`)
  schedules.forEach((schedule, i) => {
    if (!(schedule instanceof Schedule))
      throw new ValueError(`${name}: element ${i} is no Schedule that steps by itself`)
    if (schedule.optimizer !== first.optimizer)
      throw new ValueError(`${name}: element ${i} is of another optimizer than the first`)
  })
  return first.optimizer
}

/** Loads the states of parts. @throws ValueError when there are not as many as parts */
export function loadAll(name: string, parts: readonly Schedule[], { schedules = [] }: ScheduleState): void {
  if (schedules.length !== parts.length) {
    throw new ValueError(`${name}.loadStateDict: ${schedules.length} schedules for ${parts.length}`)
  }
  parts.forEach((part, i) => part.loadStateDict(schedules[i]!))
}
