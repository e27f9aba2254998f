import { relu } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Module } from '../module/module.ts'

/** `max(x, 0)`, element by element; the gradient at 0 is 0. The function is `relu` of `@badak/tensor`. */
export class ReLU extends Module {
  forward(x: Tensor): Tensor {
    return relu(x)
  }

  override toString(): string {
    return 'ReLU'
  }
}
