import { ValueError } from '../errors.ts'
import { wrap } from '../graph/handle.ts'
import { normaliseAxes, sizeOf } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { div, sub } from './arithmetic.ts'
import { castNode, floatType, nodeOf, type TensorLike } from './operand.ts'
import { sqrt, square } from './power.ts'
import { mean, type ReduceOptions, sum } from './reduce.ts'

/** Options of `variance` and `std`. */
export interface VarianceOptions extends ReduceOptions {
  /** What the number of elements is lessened by: 1 (default) for a sample, 0 for a whole population. */
  readonly correction?: number | undefined
}

/**
 * The variance over axes, in two passes: `Σ(x − mean)² / max(0, n − correction)`. NaN where that divides 0
 * by 0.
 *
 * @throws ShapeError when an axis is out of range or repeated
 * @throws ValueError when `correction` is not a finite number ≥ 0
 */
export function variance(x: TensorLike, options: VarianceOptions = {}): Tensor {
  return twoPass('variance', x, options)
}

/** The square root of `variance`. @throws ShapeError when an axis is out of range or repeated */
export function std(x: TensorLike, options: VarianceOptions = {}): Tensor {
  return sqrt(twoPass('std', x, options))
}

function twoPass(
  operation: string,
  x: TensorLike,
  { axis, keepDims, correction = 1 }: VarianceOptions,
): Tensor {
  if (!(correction >= 0 && correction < Infinity)) {
    throw new ValueError(`${operation}: correction must be a finite number ≥ 0: ${correction}`)
  }
  const node = nodeOf(operation, x)
  const axes = normaliseAxes(operation, axis, node.shape)
  const values = wrap(castNode(node, floatType(node.dtype)))
  const deviation = sub(values, mean(values, { axis: axes, keepDims: true }))
  const count = sizeOf(axes.map((a) => node.shape[a]!))
  return div(sum(square(deviation), { axis: axes, keepDims }), Math.max(0, count - correction))
}
