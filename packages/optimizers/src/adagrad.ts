import type { Tensor } from '@badak/tensor'
import { checkNumber, Optimizer, type OptimizerOptions, type Trainable, type Update } from './optimizer.ts'

/** Options of `AdaGrad`. */
export interface AdaGradOptions extends OptimizerOptions {
  /** The learning rate at step t is lr / (1 + (t − 1)·lrDecay); default 0. */
  lrDecay: number
  /** Times the value, added to the gradient; default 0. */
  weightDecay: number
  /** What the sums of squares begin with; default 0. */
  initialAccumulatorValue: number
  /** Added to the root of the sums; default 1e-10. */
  eps: number
}

type Factor = 'minusLr' | 'weightDecay' | 'eps'

type Optional = 'weightDecay'

/**
 * AdaGrad: steps that shrink where gradients have been large. With g = ∇ + weightDecay·w,
 *
 * - h ← h + g²
 * - w ← w − lr·g / (√h + eps)
 *
 * @example
 * ```ts
 * const optimizer = new AdaGrad(model.parameters(), { lr: 0.01 })
 * ```
 * @see Duchi et al. 2011, "Adaptive subgradient methods for online learning and stochastic optimization"
 */
export class AdaGrad extends Optimizer<AdaGradOptions, Factor, Optional> {
  /**
   * @param options.lr default 0.01
   * @throws ValueError when an option is out of range
   */
  constructor(parameters: Trainable<AdaGradOptions>, options: Partial<AdaGradOptions> = {}) {
    const defaults = {
      lr: 0.01,
      maximize: false,
      lrDecay: 0,
      weightDecay: 0,
      initialAccumulatorValue: 0,
      eps: 1e-10,
    }
    super('AdaGrad', parameters, { ...defaults, ...options })
  }

  protected override check({ lr, lrDecay, weightDecay, initialAccumulatorValue, eps }: AdaGradOptions): void {
    checkNumber('AdaGrad', 'lr', lr, 0)
    checkNumber('AdaGrad', 'lrDecay', lrDecay, 0)
    checkNumber('AdaGrad', 'weightDecay', weightDecay, 0)
    checkNumber('AdaGrad', 'initialAccumulatorValue', initialAccumulatorValue, 0)
    checkNumber('AdaGrad', 'eps', eps, 0)
  }

  protected override moments({ initialAccumulatorValue }: AdaGradOptions): Readonly<Record<string, number>> {
    return { sum: initialAccumulatorValue }
  }

  protected override factors(
    { lr, lrDecay, weightDecay, eps }: AdaGradOptions,
    step: number,
  ): Record<Factor, number> {
    return { minusLr: -lr / (1 + (step - 1) * lrDecay), weightDecay, eps }
  }

  protected override neutral(): Record<Optional, number> {
    return { weightDecay: 0 }
  }

  protected override update({
    value,
    gradient,
    moments,
    factors,
  }: Update<AdaGradOptions, Factor, Optional>): Tensor {
    const { minusLr, weightDecay, eps } = factors
    const sum = moments['sum']!
    const g = weightDecay ? gradient.add(value.mul(weightDecay)) : gradient
    const h = sum.add(g.mul(g))
    sum.assign(h)
    return value.add(g.mul(minusLr).div(h.sqrt().add(eps)))
  }
}
