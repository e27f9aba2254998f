import { clamp } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkPositive } from '../arguments.ts'
import { reduceLoss, targetLike, type LossOptions } from './loss.ts'

/** Where a `huberLoss` turns straight. */
export interface HuberLossOptions extends LossOptions {
  /** The difference, > 0, from which on the loss is a straight line, of this slope; default 1. */
  delta?: number
}

/**
 * Half of the square of small differences d, and `delta·(|d| − delta/2)` from `delta` on, so that outliers
 * pull with no more than `delta`.
 *
 * @param target in the shape of `prediction`
 * @throws ShapeError when the shapes differ
 * @throws ValueError when `delta` is not a positive number, or a target that came from the host is NaN
 * @see Huber 1964, doi:10.1214/aoms/1177703732
 */
export function huberLoss(prediction: Tensor, target: Tensor, options: HuberLossOptions = {}): Tensor {
  const { delta = 1 } = options
  checkPositive('huberLoss', 'delta', delta)
  const difference = prediction.sub(targetLike('huberLoss', prediction, target))
  return reduceLoss('huberLoss', huber(difference, delta), options)
}

/** @internal */
export function huber(difference: Tensor, delta: number): Tensor {
  // With c = min(|d|, δ) both pieces are c·(|d| − c/2), and no square overflows in the one that is not taken.
  const size = difference.abs()
  const c = clamp(size, { max: delta })
  return c.mul(size.sub(c.mul(0.5)))
}
