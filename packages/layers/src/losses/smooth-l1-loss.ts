import { ValueError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { huber } from './huber-loss.ts'
import { reduceLoss, targetLike, type LossOptions } from './loss.ts'

/** Where a `smoothL1Loss` turns straight. */
export interface SmoothL1LossOptions extends LossOptions {
  /** The difference, ≥ 0, from which on the loss is a straight line of slope 1; default 1. */
  beta?: number
}

/**
 * `d² / (2·beta)` for small differences d, and `|d| − beta/2` from `beta` on; with `beta` 0 it is
 * `meanAbsoluteError`. It is the Huber loss divided by `beta`.
 *
 * @param target in the shape of `prediction`
 * @throws ShapeError when the shapes differ
 * @throws ValueError when `beta` is not a number ≥ 0, or a target that came from the host is NaN
 * @see Girshick 2015, "Fast R-CNN", arXiv:1504.08083
 */
export function smoothL1Loss(prediction: Tensor, target: Tensor, options: SmoothL1LossOptions = {}): Tensor {
  const { beta = 1 } = options
  if (!(beta >= 0 && beta < Infinity))
    throw new ValueError(`smoothL1Loss: beta is not a number ≥ 0: ${String(beta)}`)
  const difference = prediction.sub(targetLike('smoothL1Loss', prediction, target))
  const losses = beta === 0 ? difference.abs() : huber(difference, beta).div(beta)
  return reduceLoss('smoothL1Loss', losses, options)
}
