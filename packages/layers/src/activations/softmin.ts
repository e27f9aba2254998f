import { neg, softmax } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Module } from '../module/module.ts'

/**
 * `e⁻ˣ / Σ e⁻ˣ` along an axis: probabilities that are greatest where x is least.
 *
 * @param x any shape
 * @param options
 * @param options.axis the axis that adds up to 1; default the last
 * @throws ShapeError when the axis is out of range
 */
export function softmin(x: Tensor, { axis = -1 }: { axis?: number } = {}): Tensor {
  return softmax(neg(x), { axis })
}

/** `softmin` as a layer. */
export class Softmin extends Module {
  readonly axis: number

  /**
   * @param options
   * @param options.axis the axis that adds up to 1; default the last
   */
  constructor({ axis = -1 }: { axis?: number } = {}) {
    super()
    this.axis = axis
  }

  forward(x: Tensor): Tensor {
    return softmin(x, { axis: this.axis })
  }

  override toString(): string {
    return 'Softmin'
  }
}
