import { ShapeError, ValueError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkChoice, firstWhere, show } from '../arguments.ts'

/** What every loss can be told. */
export interface LossOptions {
  /** Whether the losses of the examples are averaged (default), added up, or returned one by one. */
  reduction?: 'mean' | 'sum' | 'none'
}

/** @internal */
export function reduceLoss(operation: string, losses: Tensor, { reduction = 'mean' }: LossOptions): Tensor {
  checkChoice(operation, 'reduction', reduction, ['mean', 'sum', 'none'])
  if (reduction === 'none') return losses
  return reduction === 'mean' ? losses.mean() : losses.sum()
}

/**
 * The target in the type of the prediction, whose shape it has.
 *
 * @throws ShapeError when the shapes differ
 * @throws ValueError when a target that came from the host is NaN
 * @internal
 */
export function targetLike(operation: string, prediction: Tensor, target: Tensor): Tensor {
  checkSameShape(operation, prediction, target)
  checkNumbers(operation, target)
  return target.cast(prediction.dtype)
}

/** @internal */
export function checkSameShape(
  operation: string,
  x: Tensor,
  y: Tensor,
  what = 'prediction and target',
): void {
  const [left, right] = [show(x.shape), show(y.shape)]
  if (left !== right) throw new ShapeError(`${operation}: shapes of ${what} differ: ${left}, ${right}`)
}

/** Weights fit into the losses: they do not make them more. @internal */
export function checkBroadcast(
  operation: string,
  what: string,
  weight: Tensor | undefined,
  to: Tensor,
): void {
  if (!weight) return
  const sizes = to.shape.slice(Math.max(0, to.rank - weight.rank))
  const fits =
    weight.rank <= to.rank && weight.shape.every((size, axis) => size === 1 || size === sizes[axis])
  if (fits) return
  throw new ShapeError(
    `${operation}: ${what} does not broadcast to the target: ${show(weight.shape)} to ${show(to.shape)}`,
  )
}

/** Finds NaN among targets that came from the host, where looking costs nothing. */
function checkNumbers(operation: string, target: Tensor): void {
  const found = firstWhere(target, Number.isNaN)
  if (found) throw new ValueError(`${operation}: the target is NaN at ${found.at}`)
}

/** Finds what is neither 1 nor −1 among targets that came from the host. @internal */
export function checkSigns(operation: string, target: Tensor): void {
  const found = firstWhere(target, (value) => value !== 1 && value !== -1)
  if (!found) return
  throw new ValueError(`${operation}: the target is neither 1 nor -1 at ${found.at}: ${found.value}`)
}
