import { relu } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkSigns, reduceLoss, targetLike, type LossOptions } from './loss.ts'

/**
 * `max(0, 1 − t·x)` for answers t of 1 or −1: 0 from a margin of 1 on the right side. The loss of a support
 * vector machine.
 *
 * @param prediction x, any real numbers
 * @param target 1 or −1, in the shape of `prediction`
 * @throws ShapeError when the shapes differ
 * @throws ValueError when a target that came from the host is neither 1 nor −1
 * @see Cortes & Vapnik 1995, doi:10.1007/BF00994018
 */
export function hingeLoss(prediction: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  checkSigns('hingeLoss', target)
  const t = targetLike('hingeLoss', prediction, target)
  return reduceLoss('hingeLoss', relu(t.mul(prediction).neg().add(1)), options)
}
