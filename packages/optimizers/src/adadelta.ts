import type { Tensor } from '@badak/tensor'
import { checkNumber, Optimizer, type OptimizerOptions, type Trainable, type Update } from './optimizer.ts'
import { followSquare } from './running-means.ts'

/** Options of `Adadelta`. */
export interface AdadeltaOptions extends OptimizerOptions {
  /** How much of the running means of squares is kept; default 0.9. */
  rho: number
  /** Added to both means before their roots are taken; default 1e-6. */
  eps: number
  /** Times the value, added to the gradient; default 0. */
  weightDecay: number
}

type Factor = 'minusLr' | 'kept' | 'fresh' | 'eps' | 'weightDecay'

/**
 * Adadelta: steps as large as the steps before, so that they have the unit of the weights. With
 * g = ∇ + weightDecay·w,
 *
 * - v ← ρ·v + (1 − ρ)·g²
 * - Δ = √(u + eps) / √(v + eps) · g
 * - u ← ρ·u + (1 − ρ)·Δ²
 * - w ← w − lr·Δ
 *
 * @example
 * ```ts
 * const optimizer = new Adadelta(model.parameters())
 * ```
 * @see Zeiler 2012, "ADADELTA: an adaptive learning rate method", arXiv:1212.5701
 */
export class Adadelta extends Optimizer<AdadeltaOptions, Factor> {
  /**
   * @param options.lr default 1, as in the paper, which has no learning rate
   * @throws ValueError when an option is out of range
   */
  constructor(parameters: Trainable<AdadeltaOptions>, options: Partial<AdadeltaOptions> = {}) {
    super('Adadelta', parameters, { lr: 1, maximize: false, rho: 0.9, eps: 1e-6, weightDecay: 0, ...options })
  }

  protected override check({ lr, rho, eps, weightDecay }: AdadeltaOptions): void {
    checkNumber('Adadelta', 'lr', lr, 0)
    checkNumber('Adadelta', 'rho', rho, 0, 1)
    checkNumber('Adadelta', 'eps', eps, 0)
    checkNumber('Adadelta', 'weightDecay', weightDecay, 0)
  }

  protected override moments(): Readonly<Record<string, number>> {
    return { square_avg: 0, acc_delta: 0 }
  }

  protected override factors({ lr, rho, eps, weightDecay }: AdadeltaOptions): Record<Factor, number> {
    return { minusLr: -lr, kept: rho, fresh: 1 - rho, eps, weightDecay }
  }

  protected override update({ value, gradient, moments, factors }: Update<AdadeltaOptions, Factor>): Tensor {
    const { minusLr, kept, fresh, eps, weightDecay } = factors
    const steps = moments['acc_delta']!
    const g = gradient.add(value.mul(weightDecay))
    const v = followSquare(moments['square_avg']!, g, kept, fresh)
    const delta = steps.add(eps).sqrt().div(v.add(eps).sqrt()).mul(g)
    followSquare(steps, delta, kept, fresh)
    return value.add(delta.mul(minusLr))
  }
}
