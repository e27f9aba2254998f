import { hostValues, neg, softplus } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkNumbers, checkSameShape, reduceLoss, type LossOptions } from './loss.ts'

const name = 'binaryCrossEntropyWithLogits'

/**
 * The cross-entropy between probabilities `t` and sigmoid(x), `−t·log σ(x) − (1 − t)·log(1 − σ(x))`, in a
 * form that neither overflows nor takes the logarithm of 0.
 *
 * @param logits any real numbers, no sigmoid before it
 * @param target the probability of "yes", from 0 to 1, in the shape of `logits`; booleans and integers are
 *   converted
 * @throws ShapeError when the shapes differ
 * @throws ValueError when a target that came from the host is NaN
 */
export function binaryCrossEntropyWithLogits(
  logits: Tensor,
  target: Tensor,
  options: LossOptions = {},
): Tensor {
  checkSameShape(name, logits, target)
  checkNumbers(name, hostValues(target), target.shape)
  const t = target.cast(logits.dtype)
  // −log σ(x) = softplus(−x) and −log(1 − σ(x)) = x + softplus(−x), so that the sum is (1 − t)·x +
  // softplus(−x).
  return reduceLoss(
    name,
    neg(t)
      .add(1)
      .mul(logits)
      .add(softplus(neg(logits))),
    options,
  )
}
