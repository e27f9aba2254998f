import { tanh } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Module } from '../module/module.ts'

/** The hyperbolic tangent, element by element. The function is `tanh` of `@badak/tensor`. */
export class Tanh extends Module {
  forward(x: Tensor): Tensor {
    return tanh(x)
  }

  override toString(): string {
    return 'Tanh'
  }
}
