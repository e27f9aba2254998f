import type { OptimizerOptions } from './optimizer.ts'

/** Options of optimizers that know both kinds of weight decay. */
export interface WeightDecayOptions extends OptimizerOptions {
  /** Times the value, added to the gradient, or see `decoupledWeightDecay`; default 0. */
  weightDecay: number
  /**
   * Whether weight decay shrinks the value by lr·weightDecay instead of adding to the gradient, where it
   * would be scaled as gradients are; default false.
   */
  decoupledWeightDecay: boolean
}

/** The share of the value that joins the gradient, and the share of it that stays. */
export type DecayFactor = 'weightDecay' | 'keptValue'

/** What they are without weight decay. */
export const noDecay: Record<DecayFactor, number> = { weightDecay: 0, keptValue: 1 }

export function decayFactors({
  lr,
  weightDecay,
  decoupledWeightDecay,
}: WeightDecayOptions): Record<DecayFactor, number> {
  return decoupledWeightDecay
    ? { weightDecay: 0, keptValue: 1 - lr * weightDecay }
    : { weightDecay, keptValue: 1 }
}
