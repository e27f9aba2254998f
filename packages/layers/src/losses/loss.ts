import { ShapeError, ValueError, hostValues } from '@badak/tensor'
import type { Tensor, TypedArray } from '@badak/tensor'
import { checkChoice, show } from '../arguments.ts'

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

/** Finds NaN among targets that came from the host, where looking costs nothing. @internal */
export function checkNumbers(operation: string, target: Tensor): void {
  const values = hostValues(target)
  if (!(values instanceof Float32Array || values instanceof Float64Array)) return
  const at = values.findIndex((value: number) => Number.isNaN(value))
  if (at >= 0) throw new ValueError(`${operation}: the target is NaN at ${place(at, target.shape)}`)
}

/** Finds what is neither 1 nor −1 among targets that came from the host. @internal */
export function checkSigns(operation: string, target: Tensor): void {
  const found = firstWhere(target, (value) => value !== 1 && value !== -1)
  if (found) throw new ValueError(`${operation}: the target is neither 1 nor -1 ${found}`)
}

/** The first element that came from the host and is wrong, as `at row 3: 0.5`. @internal */
export function firstWhere(x: Tensor, wrong: (value: number) => boolean): string | undefined {
  const values: TypedArray | undefined = hostValues(x)
  const at = values ? values.findIndex((value: number) => wrong(value)) : -1
  return at < 0 ? undefined : `at ${place(at, x.shape)}: ${values![at]}`
}

/** Where an element is: `row 3` of a list, `[3,0,7]` of anything else. @internal */
export function place(position: number, shape: readonly number[]): string {
  if (shape.length === 1) return `row ${position}`
  const index: number[] = []
  let rest = position
  for (const size of shape.toReversed()) {
    index.unshift(rest % size)
    rest = Math.floor(rest / size)
  }
  return show(index)
}
