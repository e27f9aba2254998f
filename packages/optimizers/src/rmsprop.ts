import { maximum } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkNumber, Optimizer, type OptimizerOptions, type Trainable, type Update } from './optimizer.ts'
import { followMean, followSquare } from './running-means.ts'

/** Options of `RMSprop`. */
export interface RMSpropOptions extends OptimizerOptions {
  /** How much of the running mean of the squared gradient is kept; default 0.99. */
  alpha: number
  /** Added to the root of that mean; default 1e-8. */
  eps: number
  /** Times the value, added to the gradient; default 0. */
  weightDecay: number
  /** How much of the last update goes into the next; default 0. */
  momentum: number
  /** Whether gradients are scaled by their deviation instead of their size; default false. */
  centered: boolean
}

type Factor = 'minusLr' | 'kept' | 'fresh' | 'eps' | 'weightDecay' | 'momentum'

/**
 * RMSprop: AdaGrad that forgets. With g = ∇ + weightDecay·w,
 *
 * - v ← α·v + (1 − α)·g²
 * - d = √v + eps, or when `centered` √(v − ḡ²) + eps with ḡ ← α·ḡ + (1 − α)·g
 * - without momentum, w ← w − lr·g / d
 * - with momentum μ, b ← μ·b + g / d and w ← w − lr·b
 *
 * @example
 * ```ts
 * const optimizer = new RMSprop(model.parameters(), { lr: 1e-3 })
 * ```
 * @see Tieleman & Hinton 2012, "Neural networks for machine learning", lecture 6e; for `centered` Graves
 *   2013, arXiv:1308.0850
 */
export class RMSprop extends Optimizer<RMSpropOptions, Factor> {
  /**
   * @param options.lr default 0.01
   * @throws ValueError when an option is out of range
   */
  constructor(parameters: Trainable<RMSpropOptions>, options: Partial<RMSpropOptions> = {}) {
    const defaults = {
      lr: 0.01,
      maximize: false,
      alpha: 0.99,
      eps: 1e-8,
      weightDecay: 0,
      momentum: 0,
      centered: false,
    }
    super('RMSprop', parameters, { ...defaults, ...options })
  }

  protected override check({ lr, alpha, eps, weightDecay, momentum }: RMSpropOptions): void {
    checkNumber('RMSprop', 'lr', lr, 0)
    checkNumber('RMSprop', 'alpha', alpha, 0, 1)
    checkNumber('RMSprop', 'eps', eps, 0)
    checkNumber('RMSprop', 'weightDecay', weightDecay, 0)
    checkNumber('RMSprop', 'momentum', momentum, 0)
  }

  protected override moments({ momentum, centered }: RMSpropOptions): Readonly<Record<string, number>> {
    return {
      square_avg: 0,
      ...(momentum > 0 && { momentum_buffer: 0 }),
      ...(centered && { grad_avg: 0 }),
    }
  }

  protected override factors({
    lr,
    alpha,
    eps,
    weightDecay,
    momentum,
  }: RMSpropOptions): Record<Factor, number> {
    return { minusLr: -lr, kept: alpha, fresh: 1 - alpha, eps, weightDecay, momentum }
  }

  protected override update(context: Update<RMSpropOptions, Factor>): Tensor {
    const { group, value, gradient, moments, factors } = context
    const { minusLr, kept, fresh, eps, weightDecay, momentum } = factors
    const g = gradient.add(value.mul(weightDecay))
    let square = followSquare(moments['square_avg']!, g, kept, fresh)
    if (group.centered) {
      const mean = followMean(moments['grad_avg']!, g, fresh)
      // The variance of a constant gradient is 0, which rounding may miss on either side.
      square = maximum(square.sub(mean.mul(mean)), 0)
    }
    const direction = g.div(square.sqrt().add(eps))
    if (group.momentum === 0) return value.add(direction.mul(minusLr))
    const buffer = moments['momentum_buffer']!
    const b = buffer.mul(momentum).add(direction)
    buffer.assign(b)
    return value.add(b.mul(minusLr))
  }
}
