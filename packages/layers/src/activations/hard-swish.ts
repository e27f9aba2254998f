import type { Tensor } from '@badak/tensor'
import { Module } from '../module/module.ts'
import { hardSigmoid } from './hard-sigmoid.ts'

/**
 * x·hardSigmoid(x): a SiLU of straight lines and one parabola; the gradient is 0 at −3 and 1 at 3.
 *
 * @see Howard et al. 2019, "Searching for MobileNetV3", arXiv:1905.02244
 */
export function hardSwish(x: Tensor): Tensor {
  return x.mul(hardSigmoid(x))
}

/** `hardSwish` as a layer. */
export class HardSwish extends Module {
  forward(x: Tensor): Tensor {
    return hardSwish(x)
  }

  override toString(): string {
    return 'HardSwish'
  }
}
