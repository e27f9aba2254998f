import { ValueError } from '@badak/tensor'
import { perGroup, type Scheduled } from './schedule.ts'

/** The momentum of a group under its two names. */
interface MomentumGroup {
  momentum?: number
  betas?: readonly [number, number]
}

/** The range in which a schedule moves the momentum of each group. */
export interface MomentumRange {
  readonly base: readonly number[]
  readonly max: readonly number[]
}

/** @throws ValueError when the optimizer has no momentum, or a bound is not in [0, 1) */
export function momentumRange(
  name: string,
  optimizer: Scheduled,
  base: number | readonly number[],
  max: number | readonly number[],
): MomentumRange {
  if (!optimizer.groups.every((group) => 'momentum' in group || 'betas' in group)) {
    throw new ValueError(`${name}: the optimizer has no momentum to cycle: set cycleMomentum to false`)
  }
  const range = {
    base: perGroup(name, 'baseMomentum', base, optimizer),
    max: perGroup(name, 'maxMomentum', max, optimizer),
  }
  for (const momentum of [...range.base, ...range.max]) {
    if (momentum >= 0 && momentum < 1) continue
    throw new ValueError(`${name}: a momentum is not in [0, 1): ${String(momentum)}`)
  }
  return range
}

/** Sets the momentum of each group, or β₁ where there is one. */
export function setMomentum({ groups }: Scheduled, momentumOf: (g: number) => number): void {
  groups.forEach((entry, g) => {
    const group = entry as MomentumGroup
    if (group.betas) group.betas = [momentumOf(g), group.betas[1]]
    else group.momentum = momentumOf(g)
  })
}
