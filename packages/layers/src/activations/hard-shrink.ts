import { lessEqual, where } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Module } from '../module/module.ts'
import { checkThreshold } from './shrink-threshold.ts'

/**
 * 0 where |x| ≤ `lambda`, else x; the gradient at ±`lambda` is 0.
 *
 * @param x any shape
 * @param options
 * @param options.lambda ≥ 0; default 0.5
 * @throws ValueError when `lambda` is not a number ≥ 0
 */
export function hardShrink(x: Tensor, { lambda = 0.5 }: { lambda?: number } = {}): Tensor {
  checkThreshold('hardShrink', lambda)
  return where(lessEqual(x.abs(), lambda), 0, x)
}

/** `hardShrink` as a layer. */
export class HardShrink extends Module {
  readonly lambda: number

  /** @param lambda ≥ 0; default 0.5. @throws ValueError when it is not a number ≥ 0 */
  constructor(lambda = 0.5) {
    super()
    checkThreshold('HardShrink', lambda)
    this.lambda = lambda
  }

  forward(x: Tensor): Tensor {
    return hardShrink(x, { lambda: this.lambda })
  }

  override toString(): string {
    return `HardShrink(${this.lambda})`
  }
}
