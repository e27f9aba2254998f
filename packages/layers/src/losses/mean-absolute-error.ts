import type { Tensor } from '@badak/tensor'
import { reduceLoss, targetLike, type LossOptions } from './loss.ts'

/**
 * The mean of |prediction − target| over all elements; the gradient is 0 where they are equal. PyTorch's
 * `l1_loss`.
 *
 * @param target in the shape of `prediction`
 * @throws ShapeError when the shapes differ
 * @throws ValueError when a target that came from the host is NaN
 */
export function meanAbsoluteError(prediction: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  const difference = prediction.sub(targetLike('meanAbsoluteError', prediction, target))
  return reduceLoss('meanAbsoluteError', difference.abs(), options)
}
