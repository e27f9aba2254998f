import { GraphError, isTracing, ValueError } from '@badak/tensor'

/** What a schedule works on: an optimizer. */
export interface Scheduled {
  readonly groups: readonly { lr: number }[]
}

/** What a schedule must remember to go on, fit for JSON. */
export interface ScheduleState {
  /** How many steps have been taken. */
  readonly lastStep: number
  /** What the rates are reckoned from, by group. */
  readonly baseLrs: readonly number[]
  /** The present rates, by group. */
  readonly lrs: readonly number[]
  /** The present momenta, by group, of schedules that change them. */
  readonly momenta?: readonly number[]
  /** States of the schedules that this one is made of. */
  readonly schedules?: readonly ScheduleState[]
}

/** The rate of each group when its first schedule was made. */
const initialRates = new WeakMap<Scheduled['groups'][number], number>()

/**
 * What schedules share: they set the learning rate of every group when they are made and at each `step()`,
 * which is called after `optimizer.step()`, once per step or epoch as the numbers are meant. As in PyTorch,
 * most of them change the rate that is there, so that several can act on one optimizer.
 *
 * A subclass gives the rate of a group when it begins (`first`), and its rate at step t from the one before
 * (`next`).
 */
export abstract class Schedule {
  readonly optimizer: Scheduled
  protected readonly name: string
  #lastStep = 0
  #baseLrs: readonly number[]

  constructor(name: string, optimizer: Scheduled) {
    this.name = name
    this.optimizer = optimizer
    this.#baseLrs = optimizer.groups.map((group) => {
      const initial = initialRates.get(group) ?? group.lr
      initialRates.set(group, initial)
      return initial
    })
  }

  /** How many steps have been taken. */
  get lastStep(): number {
    return this.#lastStep
  }

  /** The present learning rates, by group. */
  get lrs(): number[] {
    return this.optimizer.groups.map(({ lr }) => lr)
  }

  /**
   * Sets the learning rates for the steps to come.
   *
   * @throws GraphError inside of a compiled function, whose replays would not see it
   */
  step(): void {
    refuseTracing(this.name)
    const t = this.#lastStep + 1
    this.advance(t)
    this.#lastStep = t
  }

  /** Steps taken and rates, for `loadStateDict()` of a schedule with the same options. */
  stateDict(): ScheduleState {
    return { lastStep: this.#lastStep, baseLrs: [...this.#baseLrs], lrs: this.lrs }
  }

  /**
   * Goes on where `stateDict()` was taken, and sets the rates that the groups had then.
   *
   * @throws ValueError when the state is not of such a schedule
   */
  loadStateDict({ lastStep, baseLrs, lrs }: ScheduleState): void {
    const { groups } = this.optimizer
    checkCount(`${this.name}.loadStateDict`, 'lastStep', lastStep, 0)
    checkRates(`${this.name}.loadStateDict`, 'baseLrs', baseLrs, groups.length)
    checkRates(`${this.name}.loadStateDict`, 'lrs', lrs, groups.length)
    this.#lastStep = lastStep
    this.#baseLrs = [...baseLrs]
    groups.forEach((group, g) => (group.lr = lrs[g]!))
  }

  /**
   * Takes the rates of the groups as they are for the start; subclasses call it when they are made. @internal
   */
  begin(): void {
    this.#lastStep = 0
    this.optimizer.groups.forEach((group, g) => (group.lr = this.first(group.lr, g)))
    this.cycle(0)
  }

  /** Begins from the base rates, whatever the rates are. @internal */
  restart(): void {
    this.optimizer.groups.forEach((group, g) => (group.lr = this.#baseLrs[g]!))
    this.begin()
  }

  /** What the rate of group g is reckoned from. */
  protected baseLr(g: number): number {
    return this.#baseLrs[g]!
  }

  /** Makes `rates` those that this schedule, and schedules made later, are reckoned from. */
  protected rebase(rates: readonly number[]): void {
    this.#baseLrs = rates
    this.optimizer.groups.forEach((group, g) => {
      group.lr = rates[g]!
      initialRates.set(group, rates[g]!)
    })
  }

  /** Sets the rates of step t. */
  protected advance(t: number): void {
    const rates = this.optimizer.groups.map(({ lr }, g) => this.next(lr, t, g))
    this.optimizer.groups.forEach((group, g) => (group.lr = rates[g]!))
    this.cycle(t)
  }

  /** The rate with which group g begins, from the one it has. */
  protected first(lr: number, _g: number): number {
    return lr
  }

  /** The rate of group g at step t ≥ 1, from the one before. */
  protected abstract next(lr: number, t: number, g: number): number

  /** Sets what else changes, such as momentum, as it is at step t. */
  protected cycle(_t: number): void {}
}

/** @throws GraphError inside of a compiled function */
export function refuseTracing(name: string): void {
  if (!isTracing()) return
  throw new GraphError(
    `${name}.step: a compiled function would take it once, not at each replay: call it after the function`,
  )
}

/** One number for each group, or the same for all. @throws ValueError when there are not as many as groups */
export function perGroup<T>(name: string, what: string, value: T | readonly T[], { groups }: Scheduled): T[] {
  if (!Array.isArray(value)) return groups.map(() => value as T)
  if (value.length === groups.length) return [...(value as readonly T[])]
  throw new ValueError(`${name}: ${what} has ${value.length} elements for ${groups.length} groups`)
}

/** @throws ValueError when `value` is not an integer ≥ `least` */
export function checkCount(name: string, what: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return
  throw new ValueError(`${name}: ${what} is not an integer ≥ ${least}: ${String(value)}`)
}

/** @throws ValueError when `value` is not a number from `least` to `most` */
export function checkRange(name: string, what: string, value: number, least: number, most: number): void {
  if (typeof value === 'number' && value >= least && value <= most) return
  throw new ValueError(`${name}: ${what} is not a number in [${least}, ${most}]: ${String(value)}`)
}

/** @throws ValueError when `value` is none of `choices` */
export function checkChoice(name: string, what: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return
  throw new ValueError(`${name}: unknown ${what} ${JSON.stringify(value)}: expected ${choices.join(' or ')}`)
}

/** @throws ValueError when `rates` are not `count` numbers */
export function checkRates(name: string, what: string, rates: readonly number[], count: number): void {
  if (!Array.isArray(rates) || rates.length !== count || !rates.every(Number.isFinite)) {
    throw new ValueError(`${name}: ${what} are not ${count} numbers: ${String(rates)}`)
  }
}
