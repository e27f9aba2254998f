import type { Tensor } from '@badak/tensor'
import { Module } from '../module/module.ts'

/**
 * x / (1 + |x|): like tanh, but slower to saturate.
 *
 * @see Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks"
 */
export function softsign(x: Tensor): Tensor {
  return x.div(x.abs().add(1))
}

/** `softsign` as a layer. */
export class Softsign extends Module {
  forward(x: Tensor): Tensor {
    return softsign(x)
  }

  override toString(): string {
    return 'Softsign'
  }
}
