import { clamp } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Module } from '../module/module.ts'
import { checkThreshold } from './shrink-threshold.ts'

/**
 * x, moved towards 0 by `lambda`, but not across it; the gradient at ±`lambda` is 0.
 *
 * @param x any shape
 * @param options
 * @param options.lambda ≥ 0; default 0.5
 * @throws ValueError when `lambda` is not a number ≥ 0
 */
export function softShrink(x: Tensor, { lambda = 0.5 }: { lambda?: number } = {}): Tensor {
  checkThreshold('softShrink', lambda)
  // What is cut off has gradient 1 from −λ to λ, both included, so that nothing is left of x's own.
  return x.sub(clamp(x, { min: -lambda, max: lambda }))
}

/** `softShrink` as a layer. */
export class SoftShrink extends Module {
  readonly lambda: number

  /** @param lambda ≥ 0; default 0.5. @throws ValueError when it is not a number ≥ 0 */
  constructor(lambda = 0.5) {
    super()
    checkThreshold('SoftShrink', lambda)
    this.lambda = lambda
  }

  forward(x: Tensor): Tensor {
    return softShrink(x, { lambda: this.lambda })
  }

  override toString(): string {
    return `SoftShrink(${this.lambda})`
  }
}
