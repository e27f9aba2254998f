import { where } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkBetas, type Betas } from './betas.ts'
import { checkNumber, Optimizer, type Trainable, type Update } from './optimizer.ts'
import { followMean, followSquare } from './running-means.ts'
import { decayFactors, type WeightDecayOptions } from './weight-decay.ts'

/** Options of `RAdam`. */
export interface RAdamOptions extends WeightDecayOptions {
  /** How much of the running means of the gradient and of its square is kept; default [0.9, 0.999]. */
  betas: Betas
  /** Added to the root of the second moment; default 1e-8. */
  eps: number
}

type Factor =
  | 'freshMean'
  | 'keptSquare'
  | 'freshSquare'
  | 'rectification'
  | 'eps'
  | 'minusStep'
  | 'weightDecay'
  | 'keptValue'

/**
 * RAdam: Adam that waits until it knows the size of gradients before it scales by it. With
 * g = ∇ + weightDecay·w, m and v as in `Adam`, ρ∞ = 2 / (1 − β₂) − 1 and ρₜ = ρ∞ − 2·t·β₂ᵗ / (1 − β₂ᵗ), in
 * step t:
 *
 * - while ρₜ ≤ 5 (the first five steps by default), w ← w − lr · m̂
 * - then w ← w − lr · m̂ · r·√(1 − β₂ᵗ) / (√v + eps), with
 *   r² = (ρₜ − 4)(ρₜ − 2)·ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)·ρₜ)
 *
 * @example
 * ```ts
 * const optimizer = new RAdam(model.parameters())
 * ```
 * @see Liu et al. 2020, "On the variance of the adaptive learning rate and beyond", arXiv:1908.03265
 */
export class RAdam extends Optimizer<RAdamOptions, Factor> {
  /**
   * @param options.lr default 0.001
   * @throws ValueError when an option is out of range
   */
  constructor(parameters: Trainable<RAdamOptions>, options: Partial<RAdamOptions> = {}) {
    const defaults = {
      lr: 1e-3,
      maximize: false,
      betas: [0.9, 0.999] as const,
      eps: 1e-8,
      weightDecay: 0,
      decoupledWeightDecay: false,
    }
    super('RAdam', parameters, { ...defaults, ...options })
  }

  protected override check({ lr, betas, eps, weightDecay }: RAdamOptions): void {
    checkNumber('RAdam', 'lr', lr, 0)
    checkBetas('RAdam', betas)
    checkNumber('RAdam', 'eps', eps, 0)
    checkNumber('RAdam', 'weightDecay', weightDecay, 0)
  }

  protected override moments(): Readonly<Record<string, number>> {
    return { exp_avg: 0, exp_avg_sq: 0 }
  }

  protected override factors(group: RAdamOptions, step: number): Record<Factor, number> {
    const {
      lr,
      betas: [beta1, beta2],
      eps,
    } = group
    return {
      freshMean: 1 - beta1,
      keptSquare: beta2,
      freshSquare: 1 - beta2,
      rectification: rectification(beta2, step),
      eps,
      minusStep: -lr / (1 - beta1 ** step),
      ...decayFactors(group),
    }
  }

  protected override update({ value, gradient, moments, factors }: Update<RAdamOptions, Factor>): Tensor {
    const { rectification } = factors
    const g = gradient.add(value.mul(factors.weightDecay))
    const m = followMean(moments['exp_avg']!, g, factors.freshMean)
    const v = followSquare(moments['exp_avg_sq']!, g, factors.keptSquare, factors.freshSquare)
    // Chosen by a number, not in JavaScript: the plan of all steps is the same.
    const scale = where(rectification.greater(0), rectification.div(v.sqrt().add(factors.eps)), 1)
    return value.mul(factors.keptValue).add(m.mul(factors.minusStep).mul(scale))
  }
}

/** r·√(1 − β₂ᵗ), or 0 while the variance of the step size is not tractable. */
function rectification(beta2: number, step: number): number {
  const rest = 1 - beta2 ** step
  const limit = 2 / (1 - beta2) - 1
  const length = limit - (2 * step * beta2 ** step) / rest
  if (length <= 5) return 0
  const square = ((length - 4) * (length - 2) * limit) / ((limit - 4) * (limit - 2) * length)
  return Math.sqrt(square * rest)
}
