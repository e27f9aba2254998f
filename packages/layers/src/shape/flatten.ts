import { flatten } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Module } from '../module/module.ts'

/** Makes one axis of several: `[N, C, H, W]` → `[N, C·H·W]`. */
export class Flatten extends Module {
  readonly start: number
  readonly end: number

  /**
   * @param options
   * @param options.start first axis to flatten; default 1, which keeps the batch
   * @param options.end last axis to flatten; default the last
   */
  constructor({ start = 1, end = -1 }: { start?: number; end?: number } = {}) {
    super()
    this.start = start
    this.end = end
  }

  /** @throws ShapeError when `x` has not got these axes */
  forward(x: Tensor): Tensor {
    return flatten(x, { start: this.start, end: this.end })
  }

  override toString(): string {
    return 'Flatten'
  }
}
