import { clamp, equal, where } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkFinite } from '../arguments.ts'
import { checkSigns, reduceLoss, targetLike, type LossOptions } from './loss.ts'

/** From where on a distance or a similarity is as it should be. */
export interface MarginOptions extends LossOptions {
  /** The defaults are those of PyTorch, and differ between losses. */
  margin?: number
}

/**
 * Distances of pairs: x itself where the pair is alike (t = 1), `max(0, margin − x)` where it is not (−1).
 *
 * @param distance x, any shape
 * @param target 1 or −1, in the same shape
 * @param options
 * @param options.margin the distance from which on a pair counts as different; default 1
 * @throws ShapeError when the shapes differ
 * @throws ValueError when a target that came from the host is neither 1 nor −1, or `margin` is not finite
 */
export function hingeEmbeddingLoss(distance: Tensor, target: Tensor, options: MarginOptions = {}): Tensor {
  const { margin = 1 } = options
  checkFinite('hingeEmbeddingLoss', 'margin', margin)
  checkSigns('hingeEmbeddingLoss', target)
  const t = targetLike('hingeEmbeddingLoss', distance, target)
  const apart = clamp(distance.neg().add(margin), { min: 0 })
  return reduceLoss('hingeEmbeddingLoss', where(equal(t, 1), distance, apart), options)
}
