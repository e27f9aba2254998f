import { ShapeError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkCount, show } from '../arguments.ts'
import { axesFrom } from './moments.ts'

/** @throws ValueError when a size is not an integer ≥ 1, ShapeError when there is none */
export function readNormalizedShape(operation: string, shape: number | readonly number[]): readonly number[] {
  const sizes = typeof shape === 'number' ? [shape] : [...shape]
  if (sizes.length === 0) throw new ShapeError(`${operation}: normalizedShape has no axes: []`)
  for (const size of sizes) checkCount(operation, 'normalizedShape', size)
  return sizes
}

/** The last axes of `x`, which have the sizes that are normalised over. @throws ShapeError when not */
export function normalizedAxes(
  operation: string,
  x: Tensor,
  normalizedShape: readonly number[],
  ...parameters: readonly (Tensor | undefined)[]
): number[] {
  const expected = show(normalizedShape)
  if (x.rank < normalizedShape.length || show(x.shape.slice(-normalizedShape.length)) !== expected)
    throw new ShapeError(`${operation}: input does not end in ${expected}: ${show(x.shape)}`)
  const wrong = parameters.find((parameter) => parameter && show(parameter.shape) !== expected)
  if (wrong) throw new ShapeError(`${operation}: weight or bias is not ${expected}: ${show(wrong.shape)}`)
  return axesFrom(x, x.rank - normalizedShape.length)
}
