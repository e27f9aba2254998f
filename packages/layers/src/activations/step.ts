import { greater } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'

/**
 * 1 where x > 0, else 0, also where x is NaN. Its gradient is 0: a network of steps cannot be trained by
 * gradients.
 */
export function step(x: Tensor): Tensor {
  return greater(x, 0).cast(x.dtype)
}
