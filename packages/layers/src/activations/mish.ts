import { softplus, tanh } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Module } from '../module/module.ts'

/**
 * x·tanh(softplus(x)).
 *
 * @see Misra 2019, arXiv:1908.08681
 */
export function mish(x: Tensor): Tensor {
  return x.mul(tanh(softplus(x)))
}

/** `mish` as a layer. */
export class Mish extends Module {
  forward(x: Tensor): Tensor {
    return mish(x)
  }

  override toString(): string {
    return 'Mish'
  }
}
