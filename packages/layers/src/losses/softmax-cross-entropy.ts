import {
  DTypeError,
  ShapeError,
  ValueError,
  exp,
  gather,
  hostValues,
  log,
  logSoftmax,
  max,
  stopGradient,
} from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkNumbers, checkSameShape, place, reduceLoss, type LossOptions } from './loss.ts'

const name = 'softmaxCrossEntropy'

/**
 * The cross-entropy between the classes that are true and the softmax of logits, `−log softmax(x)ₜ = log Σⱼ
 * exp(xⱼ) − xₜ`, in a form that neither overflows nor takes the logarithm of 0. PyTorch's `cross_entropy`.
 *
 * @param logits `[N, C]`, or `[N, C, ...]` with one prediction per position; any real numbers, no softmax
 *   before it
 * @param target classes from 0 to C − 1, int32 or uint8, `[N]` or `[N, ...]`; or probabilities, float, in the
 *   shape of `logits`
 * @param options.reduction `mean` (default) and `sum` are over all predictions; `none` gives `[N]` or `[N,
 *   ...]`
 * @throws ShapeError when the shapes do not fit
 * @throws DTypeError when the classes are not integers
 * @throws ValueError when a class is outside of its range or a probability is NaN, if the target came from
 *   the host; a class that was computed is checked when the loss is evaluated
 * @example
 * ```ts
 * const logits = tensor([[2, 1, 0], [0, 0, 5]])
 * const loss = softmaxCrossEntropy(logits, tensor([0, 2], { dtype: 'int32' }))
 * await loss.item() // 0.2104
 * ```
 */
export function softmaxCrossEntropy(logits: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  if (logits.rank < 2) throw new ShapeError(`${name}: logits are not [N, C]: [${logits.shape.join(',')}]`)
  const losses = target.rank === logits.rank ? ofProbabilities(logits, target) : ofClasses(logits, target)
  return reduceLoss(name, losses, options)
}

function ofClasses(logits: Tensor, target: Tensor): Tensor {
  checkClasses(logits, target)
  // Relative to the greatest logit m, which cancels: nothing overflows, and no digits are lost where logits
  // are large.
  const m = stopGradient(max(logits, { axis: 1, keepDims: true }))
  const truth = gather(logits, target.cast('int32').unsqueeze(1), { axis: 1 })
  const logSum = log(exp(logits.sub(m)).sum({ axis: 1, keepDims: true }))
  return logSum.sub(truth.sub(m)).squeeze(1)
}

function ofProbabilities(logits: Tensor, target: Tensor): Tensor {
  checkSameShape(name, logits, target)
  checkNumbers(name, hostValues(target), target.shape)
  return logSoftmax(logits, { axis: 1 }).mul(target.cast(logits.dtype)).sum({ axis: 1 }).neg()
}

function checkClasses(logits: Tensor, target: Tensor): void {
  const [N, C, ...positions] = logits.shape as [number, number, ...number[]]
  const expected = [N, ...positions]
  if (target.shape.join() !== expected.join()) {
    throw new ShapeError(
      `${name}: target is neither [${expected.join(',')}] nor in the shape of the logits: ` +
        `[${target.shape.join(',')}] for logits [${logits.shape.join(',')}]`,
    )
  }
  const values = hostValues(target)
  // The value first: a NaN says more about what went wrong than the type does.
  const wrong = values
    ? values.findIndex((label: number) => !(Number.isInteger(label) && label >= 0 && label < C))
    : -1
  if (values && wrong >= 0) {
    throw new ValueError(
      `${name}: label ${values[wrong]} at ${place(wrong, target.shape)} ` +
        `is not one of ${C} classes (0 to ${C - 1})`,
    )
  }
  if (target.dtype !== 'int32' && target.dtype !== 'uint8') {
    throw new DTypeError(
      `${name}: labels are ${target.dtype}: make them int32: tensor(labels, { dtype: 'int32' })`,
    )
  }
}
