import { ValueError } from '@badak/tensor'
import { checkRates, perGroup, Schedule, type ScheduleState } from './schedule.ts'

/** Options of schedules that move the momentum against the rate. */
export interface MomentumOptions {
  /** Whether momentum, or β₁, falls as the rate rises and the other way round; default true. */
  cycleMomentum?: boolean
  /** The least momentum, for all groups or for each. */
  baseMomentum?: number | readonly number[]
  /** The greatest momentum, for all groups or for each. */
  maxMomentum?: number | readonly number[]
}

/** The momentum of a group under its two names. */
interface MomentumGroup {
  lr: number
  momentum?: number
  betas?: readonly [number, number]
}

/** A schedule that sets the momentum along with the rate, if it is told to. */
export abstract class MomentumSchedule extends Schedule {
  #range: { readonly base: readonly number[]; readonly max: readonly number[] } | undefined

  override stateDict(): ScheduleState {
    return { ...super.stateDict(), ...(this.#range && { momenta: this.#momenta() }) }
  }

  override loadStateDict(state: ScheduleState): void {
    const { momenta = [] } = state
    const count = this.#range ? this.optimizer.groups.length : 0
    checkRates(`${this.name}.loadStateDict`, 'momenta', momenta, count)
    super.loadStateDict(state)
    if (this.#range) this.#setMomenta(momenta)
  }

  /** @throws ValueError when the optimizer has no momentum, or a bound is not in [0, 1) */
  protected cycleBetween({ cycleMomentum, baseMomentum, maxMomentum }: Required<MomentumOptions>): void {
    if (!cycleMomentum) return
    const { name, optimizer } = this
    if (!optimizer.groups.every((group) => 'momentum' in group || 'betas' in group)) {
      throw new ValueError(`${name}: the optimizer has no momentum to cycle: set cycleMomentum to false`)
    }
    const base = perGroup(name, 'baseMomentum', baseMomentum, optimizer)
    const max = perGroup(name, 'maxMomentum', maxMomentum, optimizer)
    for (const momentum of [...base, ...max]) {
      if (momentum >= 0 && momentum < 1) continue
      throw new ValueError(`${name}: a momentum is not in [0, 1): ${String(momentum)}`)
    }
    this.#range = { base, max }
  }

  protected override cycle(t: number): void {
    const range = this.#range
    if (range) this.#setMomenta(range.base.map((base, g) => this.momentum(t, base, range.max[g]!)))
  }

  /** The momentum at step t, between `base` and `max`. */
  protected abstract momentum(t: number, base: number, max: number): number

  #momenta(): number[] {
    const groups: readonly MomentumGroup[] = this.optimizer.groups
    return groups.map(({ betas, momentum }) => betas?.[0] ?? momentum!)
  }

  #setMomenta(momenta: readonly number[]): void {
    const groups: readonly MomentumGroup[] = this.optimizer.groups
    groups.forEach((group, g) => {
      if (group.betas) group.betas = [momenta[g]!, group.betas[1]]
      else group.momentum = momenta[g]!
    })
  }
}
