import { softmax } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Module } from '../module/module.ts'

/**
 * Probabilities along an axis: `eˣ / Σ eˣ`. For training, give logits to `softmaxCrossEntropy` instead. The
 * function is `softmax` of `@badak/tensor`.
 */
export class Softmax extends Module {
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
    return softmax(x, { axis: this.axis })
  }

  override toString(): string {
    return 'Softmax'
  }
}
