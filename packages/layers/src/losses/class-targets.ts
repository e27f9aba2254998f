import { DTypeError, ShapeError, ValueError, gather, notEqual, take, where } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { firstWhere, show } from '../arguments.ts'
import { reduceLoss, type LossOptions } from './loss.ts'

/** How much the classes count. */
export interface ClassLossOptions extends LossOptions {
  /**
   * `[C]`: what an example of each class counts, also in the mean, which is divided by the sum of these
   * weights. Default 1 for all.
   */
  weight?: Tensor
  /** Examples with this label count nothing; default: every label must be a class. */
  ignoreIndex?: number
}

/** Labels that have been checked, and what each example counts. */
export interface ClassTargets {
  /** int32; 0 where the label is ignored. */
  readonly classes: Tensor
  /** Where the label is not ignored; undefined when none can be. */
  readonly kept?: Tensor
  /** What each example counts; undefined when all count 1. */
  readonly counts?: Tensor
}

/**
 * @param scores `[N, C, ...]`
 * @param labels `[N, ...]`
 * @internal
 */
export function readClasses(
  operation: string,
  scores: Tensor,
  labels: Tensor,
  { weight, ignoreIndex }: ClassLossOptions,
): ClassTargets {
  checkClasses(operation, scores, labels, ignoreIndex)
  const known = labels.cast('int32')
  const kept = ignoreIndex === undefined ? undefined : notEqual(known, ignoreIndex)
  const classes = kept ? where(kept, known, 0) : known
  checkWeight(operation, scores, weight)
  const weights = weight && take(weight, classes).cast(scores.dtype)
  const counts = kept ? where(kept, weights ?? 1, 0).cast(scores.dtype) : weights
  return { classes, ...(kept && { kept }), ...(counts && { counts }) }
}

/** The score of the class of each example: `[N, C, ...]` → `[N, 1, ...]`. @internal */
export function pickClasses(scores: Tensor, { classes }: ClassTargets): Tensor {
  return gather(scores, classes.unsqueeze(1), { axis: 1 })
}

/** 0 for the examples that are ignored, whatever their loss. @internal */
export function dropIgnored(losses: Tensor, { kept }: ClassTargets): Tensor {
  return kept ? where(kept, losses, 0) : losses
}

/** The mean is over what the examples count. @internal */
export function reduceClassLoss(
  operation: string,
  losses: Tensor,
  { counts }: ClassTargets,
  options: LossOptions,
): Tensor {
  const { reduction = 'mean' } = options
  return counts && reduction === 'mean'
    ? losses.sum().div(counts.sum())
    : reduceLoss(operation, losses, options)
}

/** @throws ShapeError when the weights are not one per class @internal */
export function checkWeight(operation: string, scores: Tensor, weight: Tensor | undefined): void {
  if (!weight || (weight.rank === 1 && weight.size === scores.shape[1])) return
  throw new ShapeError(
    `${operation}: weight is not one per class: ${show(weight.shape)} for ${scores.shape[1]} classes`,
  )
}

function checkClasses(
  operation: string,
  scores: Tensor,
  labels: Tensor,
  ignoreIndex: number | undefined,
): void {
  const [N, C, ...positions] = scores.shape as [number, number, ...number[]]
  const expected = [N, ...positions]
  if (show(labels.shape) !== show(expected)) {
    throw new ShapeError(
      `${operation}: target is not ${show(expected)}: ${show(labels.shape)} for input ${show(scores.shape)}`,
    )
  }
  if (ignoreIndex !== undefined && !Number.isSafeInteger(ignoreIndex))
    throw new ValueError(`${operation}: ignoreIndex is not an integer: ${String(ignoreIndex)}`)
  // The value first: a NaN says more about what went wrong than the type does.
  const isClass = (label: number): boolean => Number.isInteger(label) && label >= 0 && label < C
  const wrong = firstWhere(labels, (label) => label !== ignoreIndex && !isClass(label))
  if (wrong) {
    throw new ValueError(
      `${operation}: label ${wrong.value} at ${wrong.at} ` +
        `is not one of ${C} classes (0 to ${C - 1})${hint(wrong.value)}`,
    )
  }
  if (labels.dtype !== 'int32' && labels.dtype !== 'uint8') {
    throw new DTypeError(
      `${operation}: labels are ${labels.dtype}: make them int32: tensor(labels, { dtype: 'int32' })`,
    )
  }
}

/** The labels by which PyTorch and PASCAL VOC say that there is none. */
function hint(label: number): string {
  return label === -100 || label === 255 ? `: to leave such labels out: { ignoreIndex: ${label} }` : ''
}
