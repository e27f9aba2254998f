import { abs, maximum } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkBetas, type Betas } from './betas.ts'
import { checkNumber, Optimizer, type OptimizerOptions, type Trainable, type Update } from './optimizer.ts'
import { followMean } from './running-means.ts'

/** Options of `Adamax`. */
export interface AdamaxOptions extends OptimizerOptions {
  /**
   * How much is kept of the running mean of the gradient, and of its running maximum; default [0.9, 0.999].
   */
  betas: Betas
  /** Added to the size of the gradient; default 1e-8. */
  eps: number
  /** Times the value, added to the gradient; default 0. */
  weightDecay: number
}

type Factor = 'freshMean' | 'keptGreatest' | 'eps' | 'minusStep' | 'weightDecay'

/**
 * Adamax: Adam with the greatest recent gradient instead of the root of a mean square. With
 * g = ∇ + weightDecay·w, in step t:
 *
 * - m ← β₁·m + (1 − β₁)·g
 * - u ← max(β₂·u, |g| + eps)
 * - w ← w − lr / (1 − β₁ᵗ) · m / u
 *
 * @example
 * ```ts
 * const optimizer = new Adamax(model.parameters())
 * ```
 * @see Kingma & Ba 2015, arXiv:1412.6980, section 7.1
 */
export class Adamax extends Optimizer<AdamaxOptions, Factor> {
  /**
   * @param options.lr default 0.002
   * @throws ValueError when an option is out of range
   */
  constructor(parameters: Trainable<AdamaxOptions>, options: Partial<AdamaxOptions> = {}) {
    const defaults = { lr: 2e-3, maximize: false, betas: [0.9, 0.999] as const, eps: 1e-8, weightDecay: 0 }
    super('Adamax', parameters, { ...defaults, ...options })
  }

  protected override check({ lr, betas, eps, weightDecay }: AdamaxOptions): void {
    checkNumber('Adamax', 'lr', lr, 0)
    checkBetas('Adamax', betas)
    checkNumber('Adamax', 'eps', eps, 0)
    checkNumber('Adamax', 'weightDecay', weightDecay, 0)
  }

  protected override moments(): Readonly<Record<string, number>> {
    return { exp_avg: 0, exp_inf: 0 }
  }

  protected override factors(
    { lr, betas: [beta1, beta2], eps, weightDecay }: AdamaxOptions,
    step: number,
  ): Record<Factor, number> {
    const minusStep = -lr / (1 - beta1 ** step)
    return { freshMean: 1 - beta1, keptGreatest: beta2, eps, minusStep, weightDecay }
  }

  protected override update({ value, gradient, moments, factors }: Update<AdamaxOptions, Factor>): Tensor {
    const { freshMean, keptGreatest, eps, minusStep, weightDecay } = factors
    const greatest = moments['exp_inf']!
    const g = gradient.add(value.mul(weightDecay))
    const m = followMean(moments['exp_avg']!, g, freshMean)
    const u = maximum(greatest.mul(keptGreatest), abs(g).add(eps))
    greatest.assign(u)
    return value.add(m.mul(minusStep).div(u))
  }
}
