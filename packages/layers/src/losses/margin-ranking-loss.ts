import { clamp } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkFinite } from '../arguments.ts'
import type { MarginOptions } from './hinge-embedding-loss.ts'
import { checkSameShape, checkSigns, reduceLoss, targetLike } from './loss.ts'

/**
 * `max(0, −t·(a − b) + margin)`: a should be ranked above b where t is 1, below it where t is −1.
 *
 * @param target 1 or −1, in the shape of `a` and `b`
 * @param options
 * @param options.margin by how much; default 0
 * @throws ShapeError when the shapes differ
 * @throws ValueError when a target that came from the host is neither 1 nor −1, or `margin` is not finite
 */
export function marginRankingLoss(a: Tensor, b: Tensor, target: Tensor, options: MarginOptions = {}): Tensor {
  const { margin = 0 } = options
  checkFinite('marginRankingLoss', 'margin', margin)
  checkSameShape('marginRankingLoss', a, b, 'a and b')
  checkSigns('marginRankingLoss', target)
  const t = targetLike('marginRankingLoss', a, target)
  return reduceLoss('marginRankingLoss', clamp(t.mul(b.sub(a)).add(margin), { min: 0 }), options)
}
