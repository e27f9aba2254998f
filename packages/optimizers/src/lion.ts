import { sign } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkBetas, type Betas } from './betas.ts'
import { checkNumber, Optimizer, type OptimizerOptions, type Trainable, type Update } from './optimizer.ts'
import { followMean } from './running-means.ts'

/** Options of `Lion`. */
export interface LionOptions extends OptimizerOptions {
  /** How much of the momentum goes into a step, and how much of it is kept; default [0.9, 0.99]. */
  betas: Betas
  /** Each step shrinks the value by lr·weightDecay; default 0. */
  weightDecay: number
}

type Factor = 'freshStep' | 'freshMean' | 'minusLr' | 'keptValue'

/**
 * Lion: the sign of a momentum, so that every weight moves by lr. With λ = weightDecay, which is decoupled:
 *
 * - c = β₁·m + (1 − β₁)·∇
 * - w ← w − lr·(sign(c) + λ·w)
 * - m ← β₂·m + (1 − β₂)·∇
 *
 * Its learning rate is 3 to 10 times smaller than AdamW's, its weight decay as much larger.
 *
 * @example
 * ```ts
 * const optimizer = new Lion(model.parameters(), { lr: 1e-4, weightDecay: 0.1 })
 * ```
 * @see Chen et al. 2023, "Symbolic discovery of optimization algorithms", arXiv:2302.06675, algorithm 2
 */
export class Lion extends Optimizer<LionOptions, Factor> {
  /**
   * @param options.lr default 0.0001
   * @throws ValueError when an option is out of range
   */
  constructor(parameters: Trainable<LionOptions>, options: Partial<LionOptions> = {}) {
    const defaults = { lr: 1e-4, maximize: false, betas: [0.9, 0.99] as const, weightDecay: 0 }
    super('Lion', parameters, { ...defaults, ...options })
  }

  protected override check({ lr, betas, weightDecay }: LionOptions): void {
    checkNumber('Lion', 'lr', lr, 0)
    checkBetas('Lion', betas)
    checkNumber('Lion', 'weightDecay', weightDecay, 0)
  }

  protected override moments(): Readonly<Record<string, number>> {
    return { exp_avg: 0 }
  }

  protected override factors({
    lr,
    betas: [beta1, beta2],
    weightDecay,
  }: LionOptions): Record<Factor, number> {
    return { freshStep: 1 - beta1, freshMean: 1 - beta2, minusLr: -lr, keptValue: 1 - lr * weightDecay }
  }

  protected override update({ value, gradient, moments, factors }: Update<LionOptions, Factor>): Tensor {
    const { freshStep, freshMean, minusLr, keptValue } = factors
    const momentum = moments['exp_avg']!
    const direction = sign(momentum.add(gradient.sub(momentum).mul(freshStep)))
    followMean(momentum, gradient, freshMean)
    return value.mul(keptValue).add(direction.mul(minusLr))
  }
}
