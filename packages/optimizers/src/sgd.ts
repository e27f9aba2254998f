import { ValueError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkNumber, Optimizer, type OptimizerOptions, type Trainable, type Update } from './optimizer.ts'

/** Options of `SGD`. */
export interface SGDOptions extends OptimizerOptions {
  /** How much of the last update goes into the next; default 0. */
  momentum: number
  /** How much of the gradient the momentum leaves out, from the second step on; default 0. */
  dampening: number
  /** Times the value, added to the gradient; default 0. */
  weightDecay: number
  /** Whether the momentum looks one step ahead; default false. */
  nesterov: boolean
}

type Factor = 'minusLr' | 'momentum' | 'fresh' | 'weightDecay'

type Optional = 'momentum' | 'fresh' | 'weightDecay'

/**
 * Stochastic gradient descent, with g = ∇ + weightDecay·w:
 *
 * - without momentum, w ← w − lr·g
 * - with momentum μ, b ← μ·b + (1 − dampening)·g and w ← w − lr·b
 * - with Nesterov's, w ← w − lr·(g + μ·b)
 *
 * @example
 * ```ts
 * const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 })
 * ```
 * @see Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning"
 */
export class SGD extends Optimizer<SGDOptions, Factor, Optional> {
  /**
   * @param options.lr default 0.01
   * @throws ValueError when an option is out of range, or `nesterov` comes without momentum or with dampening
   */
  constructor(parameters: Trainable<SGDOptions>, options: Partial<SGDOptions> = {}) {
    const defaults = { lr: 0.01, maximize: false, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false }
    super('SGD', parameters, { ...defaults, ...options })
  }

  protected override check({ lr, momentum, dampening, weightDecay, nesterov }: SGDOptions): void {
    checkNumber('SGD', 'lr', lr, 0)
    checkNumber('SGD', 'momentum', momentum, 0)
    checkNumber('SGD', 'dampening', dampening, 0)
    checkNumber('SGD', 'weightDecay', weightDecay, 0)
    if (nesterov && (momentum === 0 || dampening !== 0)) {
      throw new ValueError(
        `SGD: nesterov needs momentum and no dampening: momentum ${momentum}, dampening ${dampening}`,
      )
    }
  }

  protected override moments({ momentum }: SGDOptions): Readonly<Record<string, number>> {
    return momentum === 0 ? {} : { momentum_buffer: 0 }
  }

  protected override factors(
    { lr, momentum, dampening, weightDecay }: SGDOptions,
    step: number,
  ): Record<Factor, number> {
    // The buffer begins as the first gradient, undampened.
    return { minusLr: -lr, momentum, fresh: step === 1 ? 1 : 1 - dampening, weightDecay }
  }

  protected override neutral(): Record<Optional, number> {
    return { momentum: 0, fresh: 1, weightDecay: 0 }
  }

  protected override update({
    group,
    value,
    gradient,
    moments,
    factors,
  }: Update<SGDOptions, Factor, Optional>): Tensor {
    const { minusLr, momentum, fresh, weightDecay } = factors
    const g = weightDecay ? gradient.add(value.mul(weightDecay)) : gradient
    const buffer = moments['momentum_buffer']
    if (!buffer || !momentum) return value.add(g.mul(minusLr))
    const b = buffer.mul(momentum).add(fresh ? g.mul(fresh) : g)
    buffer.assign(b)
    return value.add((group.nesterov ? g.add(b.mul(momentum)) : b).mul(minusLr))
  }
}
