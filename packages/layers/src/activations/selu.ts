import type { Tensor } from '@badak/tensor'
import { Module } from '../module/module.ts'
import { elu } from './elu.ts'

/** Those for which mean 0 and variance 1 are a fixed point from layer to layer, from the paper's appendix. */
const ALPHA = 1.6732632423543772
const SCALE = 1.0507009873554805

/**
 * An ELU, scaled so that activations keep mean 0 and variance 1 from layer to layer, if weights begin with
 * `lecunNormal` and dropout is `AlphaDropout`.
 *
 * @see Klambauer et al. 2017, arXiv:1706.02515
 */
export function selu(x: Tensor): Tensor {
  return elu(x, { alpha: ALPHA }).mul(SCALE)
}

/** `selu` as a layer. */
export class SELU extends Module {
  forward(x: Tensor): Tensor {
    return selu(x)
  }

  override toString(): string {
    return 'SELU'
  }
}
