import { logicalAnd, where } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkBetas, type Betas } from './betas.ts'
import { checkNumber, Optimizer, type OptimizerOptions, type Trainable, type Update } from './optimizer.ts'
import { followMean, followSquare } from './running-means.ts'

/** Options of `LAMB`. */
export interface LAMBOptions extends OptimizerOptions {
  /** How much of the running means of the gradient and of its square is kept; default [0.9, 0.999]. */
  betas: Betas
  /** Added to the root of the second moment; default 1e-6. */
  eps: number
  /** Times the value, added to the scaled gradient; default 0. */
  weightDecay: number
  /** Whether the means are corrected for having begun at 0; default true. */
  biasCorrection: boolean
}

type Factor =
  | 'freshMean'
  | 'keptSquare'
  | 'freshSquare'
  | 'meanCorrection'
  | 'rootCorrection'
  | 'eps'
  | 'minusLr'
  | 'weightDecay'

/**
 * LAMB: Adam whose step has, for each parameter, a size in proportion to the parameter's own, for very large
 * batches. With λ = weightDecay, in step t:
 *
 * - m ← β₁·m + (1 − β₁)·∇, v ← β₂·v + (1 − β₂)·∇²
 * - u = m̂ / (√v̂ + eps) + λ·w, with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ)
 * - w ← w − lr · ‖w‖ / ‖u‖ · u, with 1 for the trust ratio ‖w‖ / ‖u‖ where a norm is 0
 *
 * @example
 * ```ts
 * const optimizer = new LAMB(model.parameters(), { lr: 0.01, weightDecay: 0.01 })
 * ```
 * @see You et al. 2020, "Large batch optimization for deep learning: training BERT in 76 minutes",
 *   arXiv:1904.00962, algorithm 2 with φ(z) = z
 */
export class LAMB extends Optimizer<LAMBOptions, Factor> {
  /**
   * @param options.lr default 0.001
   * @throws ValueError when an option is out of range
   */
  constructor(parameters: Trainable<LAMBOptions>, options: Partial<LAMBOptions> = {}) {
    const defaults = {
      lr: 1e-3,
      maximize: false,
      betas: [0.9, 0.999] as const,
      eps: 1e-6,
      weightDecay: 0,
      biasCorrection: true,
    }
    super('LAMB', parameters, { ...defaults, ...options })
  }

  protected override check({ lr, betas, eps, weightDecay }: LAMBOptions): void {
    checkNumber('LAMB', 'lr', lr, 0)
    checkBetas('LAMB', betas)
    checkNumber('LAMB', 'eps', eps, 0)
    checkNumber('LAMB', 'weightDecay', weightDecay, 0)
  }

  protected override moments(): Readonly<Record<string, number>> {
    return { exp_avg: 0, exp_avg_sq: 0 }
  }

  protected override factors(group: LAMBOptions, step: number): Record<Factor, number> {
    const {
      lr,
      betas: [beta1, beta2],
      eps,
      weightDecay,
      biasCorrection,
    } = group
    return {
      freshMean: 1 - beta1,
      keptSquare: beta2,
      freshSquare: 1 - beta2,
      meanCorrection: biasCorrection ? 1 - beta1 ** step : 1,
      rootCorrection: biasCorrection ? Math.sqrt(1 - beta2 ** step) : 1,
      eps,
      minusLr: -lr,
      weightDecay,
    }
  }

  protected override update({ value, gradient, moments, factors }: Update<LAMBOptions, Factor>): Tensor {
    const m = followMean(moments['exp_avg']!, gradient, factors.freshMean)
    const v = followSquare(moments['exp_avg_sq']!, gradient, factors.keptSquare, factors.freshSquare)
    const denominator = v.sqrt().div(factors.rootCorrection).add(factors.eps)
    const u = m.div(factors.meanCorrection).div(denominator).add(value.mul(factors.weightDecay))
    const [size, step] = [norm(value), norm(u)]
    const trust = where(logicalAnd(size.greater(0), step.greater(0)), size.div(step), 1)
    return value.add(u.mul(trust.mul(factors.minusLr)))
  }
}

function norm(x: Tensor): Tensor {
  return x.square().sum().sqrt()
}
