import { buildCopy } from '../graph/build.ts'
import { wrap } from '../graph/handle.ts'
import type { Node } from '../graph/node.ts'
import { normaliseAxes, normaliseAxis } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { add, mul, sub } from './arithmetic.ts'
import { isFinite } from './comparison.ts'
import { unary } from './elementwise.ts'
import { exp, log } from './exponential.ts'
import { castNode, floatType, nodeOf, type TensorLike } from './operand.ts'
import { reciprocal } from './power.ts'
import { dropAxes, reduceNode, type ReduceOptions, sum } from './reduce.ts'
import { where } from './where.ts'

/** Along which axis a softmax normalises. */
export interface SoftmaxOptions {
  /** Default: the last one. */
  readonly axis?: number
}

/** The same values; no gradient passes. */
export function stopGradient(x: TensorLike): Tensor {
  const node = nodeOf('stopGradient', x)
  return wrap(node.tracked ? buildCopy(node, true) : node)
}

/**
 * What to subtract before `exp` so that it cannot overflow: the greatest element, or 0 where that is
 * infinite. It cancels in the result, so no gradient needs to pass through it.
 */
function shift(x: Node, axes: readonly number[]): Tensor {
  const greatest = stopGradient(wrap(reduceNode('max', x, axes)))
  return where(isFinite(greatest), greatest, 0)
}

/**
 * `log Σ eˣ` over axes, without overflow; −∞ over none.
 *
 * @throws ShapeError when an axis is out of range or repeated
 */
export function logsumexp(x: TensorLike, options: ReduceOptions = {}): Tensor {
  const node = nodeOf('logsumexp', x)
  const axes = normaliseAxes('logsumexp', options.axis, node.shape)
  const values = castNode(node, floatType(node.dtype))
  const offset = shift(values, axes)
  const total = sum(exp(sub(wrap(values), offset)), { axis: axes, keepDims: true })
  return wrap(dropAxes(add(log(total), offset).node, axes, options.keepDims))
}

/** `eˣ / Σ eˣ` along an axis, without overflow. @throws ShapeError when the axis is out of range */
export function softmax(x: TensorLike, { axis = -1 }: SoftmaxOptions = {}): Tensor {
  const { values, along } = softmaxOperand('softmax', x, axis)
  const weights = expNonPositive(sub(wrap(values), greatest(values, along)))
  // One division for a row, not for each element: 0.5 units of the last place more.
  return mul(weights, reciprocal(sum(weights, { axis: along, keepDims: true })))
}

/**
 * `x − log Σ eˣ` along an axis: the logarithm of `softmax`, exact where that underflows.
 *
 * @throws ShapeError
 */
export function logSoftmax(x: TensorLike, { axis = -1 }: SoftmaxOptions = {}): Tensor {
  const { values, along } = softmaxOperand('logSoftmax', x, axis)
  const shifted = sub(wrap(values), greatest(values, along))
  return sub(shifted, log(sum(expNonPositive(shifted), { axis: along, keepDims: true })))
}

/** `eˣ` of what cannot be above 0. */
function expNonPositive(x: Tensor): Tensor {
  return unary('expNonPositive', 'softmax', x, floatType)
}

/** A row that is −∞ throughout has no softmax: it gives NaN. */
function greatest(x: Node, axis: number): Tensor {
  return stopGradient(wrap(reduceNode('max', x, [axis])))
}

function softmaxOperand(operation: string, x: TensorLike, axis: number): { values: Node; along: number } {
  const node = nodeOf(operation, x)
  const along = normaliseAxis(operation, axis, node.shape)
  return { values: castNode(node, floatType(node.dtype)), along }
}
