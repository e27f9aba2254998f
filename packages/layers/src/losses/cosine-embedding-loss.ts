import { ShapeError, clamp, equal, sqrt, where } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkFinite, show } from '../arguments.ts'
import type { MarginOptions } from './hinge-embedding-loss.ts'
import { checkSameShape, checkSigns, reduceLoss } from './loss.ts'

const name = 'cosineEmbeddingLoss'

/** Added to squared lengths, as in PyTorch: a vector of zeros is at a right angle to all. */
const EPSILON = 1e-12

/**
 * `1 − cos(a, b)` where the pair is alike (t = 1), `max(0, cos(a, b) − margin)` where it is not (−1).
 *
 * @param a `[N, D]` or `[D]`
 * @param b in the same shape
 * @param target 1 or −1, `[N]` or `[]`
 * @param options
 * @param options.margin the cosine, from −1 to 1, up to which a pair counts as different; default 0
 * @throws ShapeError when the shapes do not fit
 * @throws ValueError when a target that came from the host is neither 1 nor −1, or `margin` is not finite
 */
export function cosineEmbeddingLoss(
  a: Tensor,
  b: Tensor,
  target: Tensor,
  options: MarginOptions = {},
): Tensor {
  const { margin = 0 } = options
  checkFinite(name, 'margin', margin)
  checkSameShape(name, a, b, 'a and b')
  if (a.rank < 1 || a.rank > 2 || show(target.shape) !== show(a.shape.slice(0, -1))) {
    throw new ShapeError(
      `${name}: inputs and target are not [N, D] and [N], or [D] and []: ` +
        `${show(a.shape)} and ${show(target.shape)}`,
    )
  }
  checkSigns(name, target)
  const along = { axis: -1 }
  const squared = (x: Tensor): Tensor => x.mul(x).sum(along).add(EPSILON)
  const cosine = a
    .mul(b)
    .sum(along)
    .div(sqrt(squared(a).mul(squared(b))))
  const apart = clamp(cosine.sub(margin), { min: 0 })
  return reduceLoss(name, where(equal(target, 1), cosine.neg().add(1), apart), options)
}
