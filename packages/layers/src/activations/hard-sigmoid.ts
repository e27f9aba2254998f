import type { Tensor } from '@badak/tensor'
import { Module } from '../module/module.ts'
import { relu6 } from './relu6.ts'

/**
 * `relu6(x + 3) / 6`: 0 up to −3, 1 from 3 on, a straight line between; the gradient at both ends is 0.
 *
 * @see Howard et al. 2019, "Searching for MobileNetV3", arXiv:1905.02244
 */
export function hardSigmoid(x: Tensor): Tensor {
  return relu6(x.add(3)).div(6)
}

/** `hardSigmoid` as a layer. */
export class HardSigmoid extends Module {
  forward(x: Tensor): Tensor {
    return hardSigmoid(x)
  }

  override toString(): string {
    return 'HardSigmoid'
  }
}
