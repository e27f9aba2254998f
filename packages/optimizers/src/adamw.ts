import type { Tensor } from '@badak/tensor'
import { adamFactors, adamMoments, adamUpdate, checkAdam, type AdamFactor } from './adam-update.ts'
import type { Betas } from './betas.ts'
import { Optimizer, type OptimizerOptions, type Trainable, type Update } from './optimizer.ts'
import { type DecayFactor, noDecay } from './weight-decay.ts'

/** Options of `AdamW`. */
export interface AdamWOptions extends OptimizerOptions {
  /** How much of the running means of the gradient and of its square is kept; default [0.9, 0.999]. */
  betas: Betas
  /** Added to the root of the second moment; default 1e-8. */
  eps: number
  /** Each step shrinks the value by lr·weightDecay; default 0.01. */
  weightDecay: number
  /**
   * Whether steps are scaled by the greatest v so far instead of the present one (AMSGrad); default false.
   */
  amsgrad: boolean
}

/**
 * Adam whose weight decay is apart from the gradient, so that it is the same for all weights, whatever the
 * size of their gradients. With m̂ and v̂ as in `Adam`:
 *
 * - w ← (1 − lr·weightDecay)·w − lr · m̂ / (√v̂ + eps)
 *
 * @example
 * ```ts
 * const optimizer = new AdamW(model.parameters(), { lr: 1e-3, weightDecay: 0.05 })
 * ```
 * @see Loshchilov & Hutter 2019, "Decoupled weight decay regularization", arXiv:1711.05101
 */
export class AdamW extends Optimizer<AdamWOptions, AdamFactor, DecayFactor> {
  /**
   * @param options.lr default 0.001
   * @throws ValueError when an option is out of range
   */
  constructor(parameters: Trainable<AdamWOptions>, options: Partial<AdamWOptions> = {}) {
    const defaults = {
      lr: 1e-3,
      maximize: false,
      betas: [0.9, 0.999] as const,
      eps: 1e-8,
      weightDecay: 0.01,
      amsgrad: false,
    }
    super('AdamW', parameters, { ...defaults, ...options })
  }

  protected override check(group: AdamWOptions): void {
    checkAdam('AdamW', decoupled(group))
  }

  protected override moments({ amsgrad }: AdamWOptions): Readonly<Record<string, number>> {
    return adamMoments(amsgrad)
  }

  protected override factors(group: AdamWOptions, step: number): Record<AdamFactor, number> {
    return adamFactors(decoupled(group), step)
  }

  protected override neutral(): Record<DecayFactor, number> {
    return noDecay
  }

  protected override update(context: Update<AdamWOptions, AdamFactor, DecayFactor>): Tensor {
    return adamUpdate(context, context.group.amsgrad)
  }
}

function decoupled(group: AdamWOptions): AdamWOptions & { decoupledWeightDecay: boolean } {
  return { ...group, decoupledWeightDecay: true }
}
