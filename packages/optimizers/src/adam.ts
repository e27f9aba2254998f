import type { Tensor } from '@badak/tensor'
import { adamFactors, adamMoments, adamUpdate, checkAdam, type AdamFactor } from './adam-update.ts'
import type { Betas } from './betas.ts'
import { Optimizer, type Trainable, type Update } from './optimizer.ts'
import { type DecayFactor, noDecay, type WeightDecayOptions } from './weight-decay.ts'

/** Options of `Adam`. */
export interface AdamOptions extends WeightDecayOptions {
  /** How much of the running means of the gradient and of its square is kept; default [0.9, 0.999]. */
  betas: Betas
  /** Added to the root of the second moment; default 1e-8. */
  eps: number
  /**
   * Whether steps are scaled by the greatest v so far instead of the present one (AMSGrad); default false.
   */
  amsgrad: boolean
}

/**
 * Adam: momentum, and steps scaled by the running size of the gradient. With g = ∇ + weightDecay·w, in step
 * t:
 *
 * - m ← β₁·m + (1 − β₁)·g
 * - v ← β₂·v + (1 − β₂)·g²
 * - w ← w − lr · m̂ / (√v̂ + eps), with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ)
 *
 * With `amsgrad`, v̂ = max(v of all steps so far) / (1 − β₂ᵗ): steps never grow again.
 *
 * @example
 * ```ts
 * const optimizer = new Adam(model.parameters(), { lr: 1e-3 })
 * ```
 * @see Kingma & Ba 2015, arXiv:1412.6980; for AMSGrad Reddi, Kale & Kumar 2018, "On the convergence of Adam
 *   and beyond", arXiv:1904.09237
 */
export class Adam extends Optimizer<AdamOptions, AdamFactor, DecayFactor> {
  /**
   * @param options.lr default 0.001
   * @throws ValueError when an option is out of range
   */
  constructor(parameters: Trainable<AdamOptions>, options: Partial<AdamOptions> = {}) {
    const defaults = {
      lr: 1e-3,
      maximize: false,
      betas: [0.9, 0.999] as const,
      eps: 1e-8,
      weightDecay: 0,
      decoupledWeightDecay: false,
      amsgrad: false,
    }
    super('Adam', parameters, { ...defaults, ...options })
  }

  protected override check(group: AdamOptions): void {
    checkAdam('Adam', group)
  }

  protected override moments({ amsgrad }: AdamOptions): Readonly<Record<string, number>> {
    return adamMoments(amsgrad)
  }

  protected override factors(group: AdamOptions, step: number): Record<AdamFactor, number> {
    return adamFactors(group, step)
  }

  protected override neutral(): Record<DecayFactor, number> {
    return noDecay
  }

  protected override update(context: Update<AdamOptions, AdamFactor, DecayFactor>): Tensor {
    return adamUpdate(context, context.group.amsgrad)
  }
}
