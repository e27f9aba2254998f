import type { Tensor } from '@badak/tensor'
import { checkNumber, Optimizer, type OptimizerOptions, type Trainable, type Update } from './optimizer.ts'

export interface AdamOptions extends OptimizerOptions {
  /**
   * How much of the running means of the gradient and of its square is kept at each step; default [0.9,
   * 0.999].
   */
  betas: readonly [number, number]
  /** Added to the root of the second moment; default 1e-8. */
  eps: number
  /** Times the value, added to the gradient, or see `decoupledWeightDecay`; default 0. */
  weightDecay: number
  /**
   * Whether weight decay shrinks the value by lr·weightDecay instead of adding to the gradient (AdamW);
   * default false.
   */
  decoupledWeightDecay: boolean
}

type Factor =
  | 'freshMean'
  | 'keptSquare'
  | 'freshSquare'
  | 'rootCorrection'
  | 'eps'
  | 'minusStep'
  | 'weightDecay'
  | 'keptValue'

type Optional = 'weightDecay' | 'keptValue'

/**
 * Adam: momentum, and steps scaled by the running size of the gradient. With g = ∇ + weightDecay·w, in step
 * t:
 *
 * - m ← β₁·m + (1 − β₁)·g
 * - v ← β₂·v + (1 − β₂)·g²
 * - w ← w − lr · m̂ / (√v̂ + eps), with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ)
 *
 * @example
 * ```ts
 * const optimizer = new Adam(model.parameters(), { lr: 1e-3 })
 * ```
 * @see Kingma & Ba 2015, arXiv:1412.6980; for decoupled weight decay Loshchilov & Hutter 2019,
 *   arXiv:1711.05101
 */
export class Adam extends Optimizer<AdamOptions, Factor, Optional> {
  /**
   * @param options.lr default 0.001
   * @throws ValueError when an option is out of range
   */
  constructor(parameters: Trainable<AdamOptions>, options: Partial<AdamOptions> = {}) {
    const defaults = {
      lr: 1e-3,
      betas: [0.9, 0.999] as const,
      eps: 1e-8,
      weightDecay: 0,
      decoupledWeightDecay: false,
    }
    super('Adam', parameters, { ...defaults, ...options })
  }

  protected override check({ lr, betas, eps, weightDecay }: AdamOptions): void {
    checkNumber('Adam', 'lr', lr, 0)
    for (const i of [0, 1] as const) checkNumber('Adam', `betas[${i}]`, betas?.[i], 0, 1)
    checkNumber('Adam', 'eps', eps, 0)
    checkNumber('Adam', 'weightDecay', weightDecay, 0)
  }

  protected override moments(): Readonly<Record<string, number>> {
    return { exp_avg: 0, exp_avg_sq: 0 }
  }

  protected override factors(group: AdamOptions, step: number): Record<Factor, number> {
    const {
      lr,
      betas: [beta1, beta2],
      eps,
      weightDecay,
      decoupledWeightDecay,
    } = group
    return {
      freshMean: 1 - beta1,
      keptSquare: beta2,
      freshSquare: 1 - beta2,
      rootCorrection: Math.sqrt(1 - beta2 ** step),
      eps,
      minusStep: -lr / (1 - beta1 ** step),
      weightDecay: decoupledWeightDecay ? 0 : weightDecay,
      keptValue: decoupledWeightDecay ? 1 - lr * weightDecay : 1,
    }
  }

  protected override neutral(): Record<Optional, number> {
    return { weightDecay: 0, keptValue: 1 }
  }

  protected override update({
    value,
    gradient,
    moments,
    factors,
  }: Update<AdamOptions, Factor, Optional>): Tensor {
    const [mean, square] = [moments['exp_avg']!, moments['exp_avg_sq']!]
    const g = factors.weightDecay ? gradient.add(value.mul(factors.weightDecay)) : gradient
    const m = mean.add(g.sub(mean).mul(factors.freshMean))
    const v = square.mul(factors.keptSquare).add(g.mul(factors.freshSquare).mul(g))
    mean.assign(m)
    square.assign(v)
    const denominator = v.sqrt().div(factors.rootCorrection).add(factors.eps)
    const kept = factors.keptValue ? value.mul(factors.keptValue) : value
    return kept.add(m.mul(factors.minusStep).div(denominator))
  }
}
