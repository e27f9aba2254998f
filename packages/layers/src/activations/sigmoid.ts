import { sigmoid } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Module } from '../module/module.ts'

/** `1 / (1 + e⁻ˣ)`, element by element. The function is `sigmoid` of `@badak/tensor`. */
export class Sigmoid extends Module {
  forward(x: Tensor): Tensor {
    return sigmoid(x)
  }

  override toString(): string {
    return 'Sigmoid'
  }
}
