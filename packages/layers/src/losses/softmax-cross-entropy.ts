import { ShapeError, ValueError, exp, log, logSoftmax, max, stopGradient } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { show } from '../arguments.ts'
import {
  checkWeight,
  dropIgnored,
  pickClasses,
  readClasses,
  reduceClassLoss,
  type ClassLossOptions,
} from './class-targets.ts'
import { reduceLoss, targetLike } from './loss.ts'

const name = 'softmaxCrossEntropy'

/** How much the classes count, and how sure the targets are. */
export interface CrossEntropyOptions extends ClassLossOptions {
  /**
   * The share of each target, from 0 to 1, that is spread over all classes; default 0.
   *
   * @see Szegedy et al. 2015, arXiv:1512.00567
   */
  labelSmoothing?: number
}

/**
 * The cross-entropy between the classes that are true and the softmax of logits, `−log softmax(x)ₜ = log Σⱼ
 * exp(xⱼ) − xₜ`, in a form that neither overflows nor takes the logarithm of 0. PyTorch's `cross_entropy`,
 * but for a label of −100, which is an error unless `ignoreIndex` names it.
 *
 * @param logits `[N, C]`, or `[N, C, ...]` with one prediction per position; any real numbers, no softmax
 *   before it
 * @param target classes from 0 to C − 1, int32 or uint8, `[N]` or `[N, ...]`; or probabilities, float, in the
 *   shape of `logits`
 * @param options
 * @param options.reduction `mean` (default) and `sum` are over all predictions, `none` gives `[N]` or `[N,
 *   ...]`. With `weight` or `ignoreIndex`, the mean of classes is divided by the sum of their weights; it is
 *   NaN when all are ignored
 * @throws ShapeError when the shapes do not fit
 * @throws DTypeError when the classes are not integers
 * @throws ValueError when a class is outside of its range or a probability is NaN, if the target came from
 *   the host; a class that was computed is checked when the loss is evaluated. Also when `labelSmoothing` is
 *   outside of [0, 1] or `ignoreIndex` meets probabilities
 * @example
 * ```ts
 * const logits = tensor([[2, 1, 0], [0, 0, 5]])
 * const loss = softmaxCrossEntropy(logits, tensor([0, 2], { dtype: 'int32' }))
 * await loss.item() // 0.2104
 * ```
 */
export function softmaxCrossEntropy(
  logits: Tensor,
  target: Tensor,
  options: CrossEntropyOptions = {},
): Tensor {
  if (logits.rank < 2) throw new ShapeError(`${name}: logits are not [N, C]: ${show(logits.shape)}`)
  const { labelSmoothing = 0 } = options
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw new ValueError(`${name}: labelSmoothing is not in [0, 1]: ${String(labelSmoothing)}`)
  return target.rank === logits.rank
    ? ofProbabilities(logits, target, options)
    : ofClasses(logits, target, options)
}

function ofClasses(logits: Tensor, target: Tensor, options: CrossEntropyOptions): Tensor {
  const expected = show(logits.shape.toSpliced(1, 1))
  if (show(target.shape) !== expected) {
    throw new ShapeError(
      `${name}: target is neither ${expected} nor in the shape of the logits: ` +
        `${show(target.shape)} for logits ${show(logits.shape)}`,
    )
  }
  const targets = readClasses(name, logits, target, options)
  const { labelSmoothing = 0, weight } = options
  // Relative to the greatest logit m, which cancels: nothing overflows, and no digits are lost where logits
  // are large.
  const m = stopGradient(max(logits, { axis: 1, keepDims: true }))
  const logSum = log(exp(logits.sub(m)).sum({ axis: 1, keepDims: true }))
  const ofTruth = logSum.sub(pickClasses(logits, targets).sub(m)).squeeze(1)
  const weighted = weight ? ofTruth.mul(targets.counts!) : ofTruth
  if (labelSmoothing === 0) return reduceClassLoss(name, dropIgnored(weighted, targets), targets, options)
  const ofAll = weigh(logSoftmax(logits, { axis: 1 }), weight).sum({ axis: 1 })
  const smooth = weighted.mul(1 - labelSmoothing).sub(ofAll.mul(labelSmoothing / logits.shape[1]!))
  return reduceClassLoss(name, dropIgnored(smooth, targets), targets, options)
}

function ofProbabilities(logits: Tensor, target: Tensor, options: CrossEntropyOptions): Tensor {
  const { labelSmoothing = 0, weight, ignoreIndex } = options
  const t = targetLike(name, logits, target)
  checkWeight(name, logits, weight)
  if (ignoreIndex !== undefined) {
    throw new ValueError(
      `${name}: ignoreIndex is for classes, the target holds probabilities: ${show(target.shape)}`,
    )
  }
  const smooth = labelSmoothing === 0 ? t : t.mul(1 - labelSmoothing).add(labelSmoothing / logits.shape[1]!)
  const logP = weigh(logSoftmax(logits, { axis: 1 }), weight)
  return reduceLoss(name, logP.mul(smooth).sum({ axis: 1 }).neg(), options)
}

/** Each class by its weight: `[N, C, ...]`. */
function weigh(logP: Tensor, weight: Tensor | undefined): Tensor {
  return weight ? logP.mul(weight.reshape(logP.shape.map((_, axis) => (axis === 1 ? weight.size : 1)))) : logP
}
