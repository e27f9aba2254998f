import type { Tensor } from '@badak/tensor'
import { Module } from '../module/module.ts'
import { hardTanh } from './hard-tanh.ts'

/**
 * `min(max(x, 0), 6)`; the gradient at 0 and at 6 is 0.
 *
 * @see Krizhevsky 2010, "Convolutional deep belief networks on CIFAR-10"
 */
export function relu6(x: Tensor): Tensor {
  return hardTanh(x, { min: 0, max: 6 })
}

/** `relu6` as a layer. */
export class ReLU6 extends Module {
  forward(x: Tensor): Tensor {
    return relu6(x)
  }

  override toString(): string {
    return 'ReLU6'
  }
}
