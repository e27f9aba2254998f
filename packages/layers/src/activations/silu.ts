import { sigmoid } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Module } from '../module/module.ts'

/**
 * x·sigmoid(x), also known as swish.
 *
 * @see Elfwing et al. 2018, arXiv:1702.03118
 */
export function silu(x: Tensor): Tensor {
  return x.mul(sigmoid(x))
}

/** `silu` as a layer. */
export class SiLU extends Module {
  forward(x: Tensor): Tensor {
    return silu(x)
  }

  override toString(): string {
    return 'SiLU'
  }
}
