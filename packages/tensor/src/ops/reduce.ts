import { type DType, promote } from '../dtype.ts'
import { ShapeError } from '../errors.ts'
import { build } from '../graph/build.ts'
import { wrap } from '../graph/handle.ts'
import type { Node } from '../graph/node.ts'
import type { ReduceOp } from '../graph/scalar.ts'
import { normaliseAxes, show, sizeOf } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { div } from './arithmetic.ts'
import { castNode, floatType, nodeOf, reshapeNode, sumType, type TensorLike } from './operand.ts'

/** Over which axes a reduction runs. */
export interface ReduceOptions {
  /** Default: all axes. Negative axes count from the end. */
  readonly axis?: number | readonly number[] | undefined
  /** Whether reduced axes stay, with size 1; default `false`. */
  readonly keepDims?: boolean | undefined
}

/** `x` with `axes` reduced to size 1. */
export function reduceNode(name: ReduceOp, x: Node, axes: readonly number[]): Node {
  if (axes.length === 0) return x
  return build(
    { kind: 'reduce', name, axes },
    [x],
    x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n)),
    x.dtype,
  )
}

function reduce(
  name: ReduceOp,
  operation: string,
  x: TensorLike,
  options: ReduceOptions,
  type: (dtype: DType) => DType,
): Tensor {
  const node = nodeOf(operation, x)
  const axes = normaliseAxes(operation, options.axis, node.shape)
  const input = castNode(node, type(node.dtype))
  return wrap(dropAxes(reduceNode(name, input, axes), axes, options.keepDims))
}

/** The type in which elements are compared: their own, float16 as float32. */
const storedType = (dtype: DType): DType => promote(dtype, dtype)

/** Removes reduced axes unless they are to stay. */
export function dropAxes(x: Node, axes: readonly number[], keepDims = false): Node {
  return keepDims ? x : reshapeNode(x, x.shape.filter((_, axis) => !axes.includes(axis)))
}

/** @throws ShapeError when there is nothing to choose a greatest or least element from */
function checkNotEmpty(operation: string, x: TensorLike, { axis }: ReduceOptions): void {
  const { shape } = nodeOf(operation, x)
  const axes = normaliseAxes(operation, axis, shape)
  if (axes.some((a) => shape[a] === 0))
    throw new ShapeError(`${operation}: an empty axis has no elements: ${show(shape)}`)
}

/**
 * The sum over axes; 0 over none. Booleans and uint8 add up as int32.
 *
 * @throws ShapeError when an axis is out of range or repeated
 * @example
 * ```ts
 * sum(tensor([[1, 2], [3, 4]]), { axis: 0 }) // [4, 6]
 * ```
 */
export function sum(x: TensorLike, options: ReduceOptions = {}): Tensor {
  return reduce('sum', 'sum', x, options, sumType)
}

/** The product over axes; 1 over none. @throws ShapeError when an axis is out of range or repeated */
export function prod(x: TensorLike, options: ReduceOptions = {}): Tensor {
  return reduce('prod', 'prod', x, options, sumType)
}

/**
 * The arithmetic mean over axes, float32 for integers; NaN over none.
 *
 * @throws ShapeError when an axis is out of range
 */
export function mean(x: TensorLike, options: ReduceOptions = {}): Tensor {
  const node = nodeOf('mean', x)
  const axes = normaliseAxes('mean', options.axis, node.shape)
  const count = sizeOf(axes.map((axis) => node.shape[axis]!))
  const total = reduceNode('sum', castNode(node, floatType(node.dtype)), axes)
  return div(wrap(dropAxes(total, axes, options.keepDims)), count)
}

/**
 * The greatest element over axes, NaN if there is one. Equal greatest elements share the gradient equally.
 *
 * @throws ShapeError when an axis is out of range or repeated, or is empty
 */
export function max(x: TensorLike, options: ReduceOptions = {}): Tensor {
  checkNotEmpty('max', x, options)
  return reduce('max', 'max', x, options, storedType)
}

/**
 * The least element over axes, NaN if there is one. Equal least elements share the gradient equally.
 *
 * @throws ShapeError when an axis is out of range or repeated, or is empty
 */
export function min(x: TensorLike, options: ReduceOptions = {}): Tensor {
  checkNotEmpty('min', x, options)
  return reduce('min', 'min', x, options, storedType)
}

/**
 * Whether any element is true (not 0), as bool; false over none.
 *
 * @throws ShapeError when an axis is out of range
 */
export function any(x: TensorLike, options: ReduceOptions = {}): Tensor {
  return reduce('max', 'any', x, options, () => 'bool')
}

/**
 * Whether all elements are true (not 0), as bool; true over none.
 *
 * @throws ShapeError when an axis is out of range
 */
export function all(x: TensorLike, options: ReduceOptions = {}): Tensor {
  return reduce('min', 'all', x, options, () => 'bool')
}
