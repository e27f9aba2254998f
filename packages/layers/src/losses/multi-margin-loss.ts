import { ShapeError, arange, equal, relu, take, where } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkChoice, checkFinite, show } from '../arguments.ts'
import { checkWeight, readClasses } from './class-targets.ts'
import { reduceLoss, type LossOptions } from './loss.ts'

const name = 'multiMarginLoss'

/** The margin, and how much the classes count. */
export interface MultiMarginLossOptions extends LossOptions {
  /** By how much the true class should be ahead; default 1. */
  margin?: number
  /** The power of what is missing, 1 (default) or 2. */
  p?: 1 | 2
  /** `[C]`: what an example of each class counts; the mean is still divided by N. Default 1 for all. */
  weight?: Tensor
}

/**
 * The hinge loss of several classes, `Σⱼ max(0, margin − xₜ + xⱼ)ᵖ / C` over the classes j that are not true.
 *
 * @param scores x, `[N, C]`
 * @param target classes from 0 to C − 1, int32 or uint8, `[N]`
 * @throws ShapeError when the shapes do not fit
 * @throws DTypeError when the classes are not integers
 * @throws ValueError when a class that came from the host is outside of its range, `p` is neither 1 nor 2, or
 *   `margin` is not finite
 * @see Crammer & Singer 2001, "On the algorithmic implementation of multiclass kernel-based vector machines"
 */
export function multiMarginLoss(
  scores: Tensor,
  target: Tensor,
  options: MultiMarginLossOptions = {},
): Tensor {
  const { margin = 1, p = 1, weight } = options
  checkFinite(name, 'margin', margin)
  checkChoice(name, 'p', String(p), ['1', '2'])
  if (scores.rank !== 2) throw new ShapeError(`${name}: scores are not [N, C]: ${show(scores.shape)}`)
  checkWeight(name, scores, weight)
  const { classes } = readClasses(name, scores, target, {})
  const C = scores.shape[1]!
  const column = classes.unsqueeze(1)
  const missing = relu(scores.sub(scores.gather(column, { axis: 1 })).add(margin))
  const powered = p === 2 ? missing.mul(missing) : missing
  const others = where(equal(column, arange(0, C, 1, { dtype: 'int32' })), 0, powered)
  const losses = others.sum({ axis: 1 }).div(C)
  return reduceLoss(name, weight ? losses.mul(take(weight, classes)) : losses, options)
}
