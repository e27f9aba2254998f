import { logSoftmax } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Module } from '../module/module.ts'

/** Logarithms of probabilities along an axis: `x − log Σ eˣ`. The function is `logSoftmax` of `@badak/tensor`. */
export class LogSoftmax extends Module {
  readonly axis: number

  /**
   * @param options
   * @param options.axis the axis whose exponentials add up to 1; default the last
   */
  constructor({ axis = -1 }: { axis?: number } = {}) {
    super()
    this.axis = axis
  }

  forward(x: Tensor): Tensor {
    return logSoftmax(x, { axis: this.axis })
  }

  override toString(): string {
    return 'LogSoftmax'
  }
}
