import { ShapeError, ValueError } from '@badak/tensor'
import type { Tensor, TypedArray } from '@badak/tensor'
import { checkChoice } from '../arguments.ts'

/** What every loss can be told. */
export interface LossOptions {
  /** Whether the losses of the examples are averaged (default), added up, or returned one by one. */
  reduction?: 'mean' | 'sum' | 'none'
}

/** @internal */
export function reduceLoss(operation: string, losses: Tensor, { reduction = 'mean' }: LossOptions): Tensor {
  switch (reduction) {
    case 'mean':
      return losses.mean()
    case 'sum':
      return losses.sum()
    case 'none':
      return losses
    default:
      checkChoice(operation, 'reduction', reduction, ['mean', 'sum', 'none'])
      return losses
  }
}

/** @internal */
export function checkSameShape(operation: string, x: Tensor, target: Tensor): void {
  const [left, right] = [`[${x.shape.join(',')}]`, `[${target.shape.join(',')}]`]
  if (left !== right)
    throw new ShapeError(`${operation}: shapes of prediction and target differ: ${left}, ${right}`)
}

/** Finds NaN among targets that came from the host, where looking costs nothing. @internal */
export function checkNumbers(
  operation: string,
  values: TypedArray | undefined,
  shape: readonly number[],
): void {
  if (!(values instanceof Float32Array || values instanceof Float64Array)) return
  const at = values.findIndex((value: number) => Number.isNaN(value))
  if (at >= 0) throw new ValueError(`${operation}: the target is NaN at ${place(at, shape)}`)
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
  return `[${index.join(',')}]`
}
