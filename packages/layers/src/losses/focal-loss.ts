import { ValueError, clamp, neg, pow, sigmoid, softplus } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { reduceLoss, targetLike, type LossOptions } from './loss.ts'

const name = 'focalLoss'

/** How a `focalLoss` weighs its examples. */
export interface FocalLossOptions extends LossOptions {
  /** What positive examples count, in [0, 1], negative ones the rest of 1; `null` for 1 each. Default 0.25. */
  alpha?: number | null
  /** The power, ≥ 0, by which easy examples count less; 0 is the cross-entropy. Default 2. */
  gamma?: number
}

/**
 * The binary cross-entropy, in which what is already right counts little: `−α·(1 − pₜ)^γ·log pₜ`, where pₜ is
 * the probability, the sigmoid of a logit, that is given to the truth.
 *
 * @param logits any real numbers, no sigmoid before it
 * @param target the probability of "yes", from 0 to 1, in the shape of `logits`; booleans and integers are
 *   converted
 * @throws ShapeError when the shapes differ
 * @throws ValueError when an option is out of range, or a target that came from the host is NaN
 * @see Lin et al. 2017, arXiv:1708.02002
 */
export function focalLoss(logits: Tensor, target: Tensor, options: FocalLossOptions = {}): Tensor {
  const { alpha = 0.25, gamma = 2 } = options
  if (alpha !== null && !(alpha >= 0 && alpha <= 1))
    throw new ValueError(`${name}: alpha is not in [0, 1]: ${String(alpha)}`)
  if (!(gamma >= 0 && gamma < Infinity))
    throw new ValueError(`${name}: gamma is not a number ≥ 0: ${String(gamma)}`)
  const t = targetLike(name, logits, target)
  const not = neg(t).add(1)
  const entropy = not.mul(logits).add(softplus(neg(logits)))
  // 1 − pₜ as a sum of probabilities: 1 minus a rounded pₜ would be 0 too soon. Its power has an infinite
  // slope at 0 for γ < 1.
  const doubt = clamp(t.mul(sigmoid(neg(logits))).add(not.mul(sigmoid(logits))), { min: 1e-30 })
  const focused = gamma === 0 ? entropy : entropy.mul(pow(doubt, gamma))
  const losses = alpha === null ? focused : focused.mul(t.mul(alpha).add(not.mul(1 - alpha)))
  return reduceLoss(name, losses, options)
}
