import type { Tensor } from '@badak/tensor'
import { reduceLoss, targetLike, type LossOptions } from './loss.ts'

/**
 * The mean of (prediction − target)² over all elements.
 *
 * @param target in the shape of `prediction`: nothing is broadcast, since [N] against [N, 1] would give N²
 *   differences
 * @throws ShapeError when the shapes differ
 * @throws ValueError when a target that came from the host is NaN
 */
export function meanSquaredError(prediction: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  const difference = prediction.sub(targetLike('meanSquaredError', prediction, target))
  return reduceLoss('meanSquaredError', difference.mul(difference), options)
}
