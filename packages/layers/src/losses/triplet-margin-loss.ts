import { clamp, minimum } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkPositive } from '../arguments.ts'
import { pairwiseDistance } from '../distance/pairwise-distance.ts'
import { checkSameShape, reduceLoss, type LossOptions } from './loss.ts'

const name = 'tripletMarginLoss'

/** How far apart, and by which distance. */
export interface TripletMarginLossOptions extends LossOptions {
  /** By how much the negative should be farther away than the positive, > 0; default 1. */
  margin?: number
  /** The norm of the difference; default 2. */
  p?: number
  /** Added to each difference, so that the distance has a gradient at 0; default 1e-6. */
  eps?: number
  /** Whether the negative is also compared with the positive, if that is nearer; default false. */
  swap?: boolean
}

/**
 * `max(0, d(anchor, positive) − d(anchor, negative) + margin)`, d the distance along the last axis.
 *
 * @param anchor `[..., D]`
 * @param positive of the kind of the anchor; the same shape
 * @param negative of another kind; the same shape
 * @param options
 * @param options.reduction `mean` (default), `sum`, or `none`, which gives `[...]`
 * @throws ShapeError when the shapes differ
 * @throws ValueError when `margin` or `p` is not a positive number
 * @see Balntas et al. 2016, "Learning shallow convolutional feature descriptors with triplet losses"
 */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginLossOptions = {},
): Tensor {
  const { margin = 1, p = 2, eps = 1e-6, swap = false } = options
  checkPositive(name, 'margin', margin)
  checkSameShape(name, anchor, positive, 'anchor and positive')
  checkSameShape(name, anchor, negative, 'anchor and negative')
  const distance = (a: Tensor, b: Tensor): Tensor => pairwiseDistance(a, b, { p, eps })
  const near = distance(anchor, positive)
  const far = distance(anchor, negative)
  const farther = swap ? minimum(far, distance(positive, negative)) : far
  return reduceLoss(name, clamp(near.sub(farther).add(margin), { min: 0 }), options)
}
