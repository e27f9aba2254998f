import { neg, softplus } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import type { BinaryCrossEntropyOptions } from './binary-cross-entropy.ts'
import { checkBroadcast, reduceLoss, targetLike } from './loss.ts'

const name = 'binaryCrossEntropyWithLogits'

/** How much the elements count, and the positive ones among them. */
export interface BinaryCrossEntropyWithLogitsOptions extends BinaryCrossEntropyOptions {
  /**
   * What a positive answer counts beside a negative one, in a shape that broadcasts to that of the target,
   * such as `[C]`; default 1. More than 1 favours recall, less favours precision.
   */
  posWeight?: Tensor
}

/**
 * The cross-entropy between probabilities `t` and sigmoid(x), `−t·log σ(x) − (1 − t)·log(1 − σ(x))`, in a
 * form that neither overflows nor takes the logarithm of 0.
 *
 * @param logits any real numbers, no sigmoid before it
 * @param target the probability of "yes", from 0 to 1, in the shape of `logits`; booleans and integers are
 *   converted
 * @throws ShapeError when the shapes differ or weights do not broadcast to them
 * @throws ValueError when a target that came from the host is NaN
 */
export function binaryCrossEntropyWithLogits(
  logits: Tensor,
  target: Tensor,
  options: BinaryCrossEntropyWithLogitsOptions = {},
): Tensor {
  const t = targetLike(name, logits, target)
  const { weight, posWeight } = options
  checkBroadcast(name, 'weight', weight, t)
  checkBroadcast(name, 'posWeight', posWeight, t)
  // −log σ(x) = softplus(−x) and −log(1 − σ(x)) = x + softplus(−x), so that the sum is (1 − t)·x +
  // softplus(−x), of which the second is once from the positive and once from the negative answer.
  const surprise = softplus(neg(logits))
  const counted = posWeight ? surprise.mul(posWeight.sub(1).mul(t).add(1)) : surprise
  const losses = neg(t).add(1).mul(logits).add(counted)
  return reduceLoss(name, weight ? losses.mul(weight) : losses, options)
}
