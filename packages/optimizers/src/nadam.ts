import { sub } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkBetas, type Betas } from './betas.ts'
import { checkNumber, type FirstMoment, Optimizer, type Trainable, type Update } from './optimizer.ts'
import { followMean, followSquare } from './running-means.ts'
import { decayFactors, type WeightDecayOptions } from './weight-decay.ts'

/** Options of `NAdam`. */
export interface NAdamOptions extends WeightDecayOptions {
  /** How much of the running means of the gradient and of its square is kept; default [0.9, 0.999]. */
  betas: Betas
  /** Added to the root of the second moment; default 1e-8. */
  eps: number
  /** ψ, how fast the momentum μₜ of step t grows to β₁; default 0.004. */
  momentumDecay: number
}

type Factor =
  | 'freshMean'
  | 'keptSquare'
  | 'freshSquare'
  | 'rootCorrection'
  | 'eps'
  | 'mu'
  | 'muNext'
  | 'minusGradientStep'
  | 'minusMeanStep'
  | 'weightDecay'
  | 'keptValue'

/**
 * NAdam: Adam with Nesterov's momentum. With g = ∇ + weightDecay·w and μₜ = β₁·(1 − ½·0.96^(t·ψ)), in step t:
 *
 * - m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g², v̂ = v / (1 − β₂ᵗ)
 * - m̂ = μₜ₊₁·m / (1 − μ₁⋯μₜ₊₁) + (1 − μₜ)·g / (1 − μ₁⋯μₜ)
 * - w ← w − lr · m̂ / (√v̂ + eps)
 *
 * @example
 * ```ts
 * const optimizer = new NAdam(model.parameters())
 * ```
 * @see Dozat 2016, "Incorporating Nesterov momentum into Adam", ICLR workshop
 */
export class NAdam extends Optimizer<NAdamOptions, Factor> {
  /**
   * @param options.lr default 0.002
   * @throws ValueError when an option is out of range
   */
  constructor(parameters: Trainable<NAdamOptions>, options: Partial<NAdamOptions> = {}) {
    const defaults = {
      lr: 2e-3,
      maximize: false,
      betas: [0.9, 0.999] as const,
      eps: 1e-8,
      weightDecay: 0,
      momentumDecay: 4e-3,
      decoupledWeightDecay: false,
    }
    super('NAdam', parameters, { ...defaults, ...options })
  }

  protected override check({ lr, betas, eps, weightDecay, momentumDecay }: NAdamOptions): void {
    checkNumber('NAdam', 'lr', lr, 0)
    checkBetas('NAdam', betas)
    checkNumber('NAdam', 'eps', eps, 0)
    checkNumber('NAdam', 'weightDecay', weightDecay, 0)
    checkNumber('NAdam', 'momentumDecay', momentumDecay, 0)
  }

  protected override moments(): Readonly<Record<string, FirstMoment>> {
    return { exp_avg: 0, exp_avg_sq: 0, mu_product: { shape: [], value: 1 } }
  }

  protected override factors(group: NAdamOptions, step: number): Record<Factor, number> {
    const {
      lr,
      betas: [beta1, beta2],
      eps,
      momentumDecay,
    } = group
    const [mu, muNext] = [step, step + 1].map((t) => beta1 * (1 - 0.5 * 0.96 ** (t * momentumDecay))) as [
      number,
      number,
    ]
    return {
      freshMean: 1 - beta1,
      keptSquare: beta2,
      freshSquare: 1 - beta2,
      rootCorrection: Math.sqrt(1 - beta2 ** step),
      eps,
      mu,
      muNext,
      minusGradientStep: -lr * (1 - mu),
      minusMeanStep: -lr * muNext,
      ...decayFactors(group),
    }
  }

  protected override update({ value, gradient, moments, factors }: Update<NAdamOptions, Factor>): Tensor {
    const product = moments['mu_product']!
    const g = gradient.add(value.mul(factors.weightDecay))
    const m = followMean(moments['exp_avg']!, g, factors.freshMean)
    const v = followSquare(moments['exp_avg_sq']!, g, factors.keptSquare, factors.freshSquare)
    // The betas of past steps may have been others: what the product was is remembered, not computed.
    const mus = product.mul(factors.mu)
    product.assign(mus)
    const gradientStep = factors.minusGradientStep.div(sub(1, mus))
    const meanStep = factors.minusMeanStep.div(sub(1, mus.mul(factors.muNext)))
    const denominator = v.sqrt().div(factors.rootCorrection).add(factors.eps)
    const step = g.mul(gradientStep).add(m.mul(meanStep)).div(denominator)
    return value.mul(factors.keptValue).add(step)
  }
}
