import { tanh } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Module } from '../module/module.ts'

/** `x − tanh(x)`. */
export function tanhShrink(x: Tensor): Tensor {
  return x.sub(tanh(x))
}

/** `tanhShrink` as a layer. */
export class TanhShrink extends Module {
  forward(x: Tensor): Tensor {
    return tanhShrink(x)
  }

  override toString(): string {
    return 'TanhShrink'
  }
}
