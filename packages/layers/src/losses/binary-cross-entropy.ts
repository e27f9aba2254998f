import { ValueError, clamp, less, log, log1p, stopGradient, where } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { firstWhere } from '../arguments.ts'
import { checkBroadcast, reduceLoss, targetLike, type LossOptions } from './loss.ts'

const name = 'binaryCrossEntropy'

/** How much the elements count. */
export interface BinaryCrossEntropyOptions extends LossOptions {
  /** What each element counts, in a shape that broadcasts to that of the target; default 1. */
  weight?: Tensor
}

/** As in PyTorch: logarithms stop at −100, and nothing smaller than this is divided by in the gradient. */
const LEAST_LOG = -100
const LEAST_VARIANCE = 1e-12

/**
 * The cross-entropy between probabilities t and p, `−t·log p − (1 − t)·log(1 − p)`. Where a probability is 0
 * or 1 and the target is not, the loss is 100 and the gradient ±10¹², as in PyTorch. If p is the sigmoid of
 * something, give that to `binaryCrossEntropyWithLogits` instead, which has no such corner.
 *
 * @param prediction probabilities from 0 to 1
 * @param target the probability of "yes", from 0 to 1, in the shape of `prediction`; booleans and integers
 *   are converted
 * @throws ShapeError when the shapes differ or `weight` does not broadcast to them
 * @throws ValueError when a prediction that came from the host is no probability, or such a target NaN
 */
export function binaryCrossEntropy(
  prediction: Tensor,
  target: Tensor,
  options: BinaryCrossEntropyOptions = {},
): Tensor {
  const t = targetLike(name, prediction, target)
  checkBroadcast(name, 'weight', options.weight, t)
  const wrong = firstWhere(prediction, (p) => !(p >= 0 && p <= 1))
  if (wrong) throw new ValueError(`${name}: the prediction is no probability at ${wrong.at}: ${wrong.value}`)
  const p = prediction
  const atEnd = less(p.mul(p.neg().add(1)), LEAST_VARIANCE)
  const inside = where(atEnd, 0.5, p)
  const between = t
    .mul(log(inside))
    .add(t.neg().add(1).mul(log1p(inside.neg())))
    .neg()
  const losses = where(atEnd, nearEnd(p, t), between)
  return reduceLoss(name, options.weight ? losses.mul(options.weight) : losses, options)
}

/** The loss where p is 0 or 1 or nearly, as a straight line through its value there. */
function nearEnd(p: Tensor, t: Tensor): Tensor {
  const bounded = (logarithm: Tensor): Tensor => clamp(logarithm, { min: LEAST_LOG })
  const q = stopGradient(p)
  const value = t
    .mul(bounded(log(q)))
    .add(
      t
        .neg()
        .add(1)
        .mul(bounded(log1p(q.neg()))),
    )
    .neg()
  return value.add(p.sub(q).mul(q.sub(t).div(LEAST_VARIANCE)))
}
