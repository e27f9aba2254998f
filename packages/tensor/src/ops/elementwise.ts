import type { DType } from '../dtype.ts'
import { build } from '../graph/build.ts'
import { wrap } from '../graph/handle.ts'
import type { BinaryOp, UnaryOp } from '../graph/scalar.ts'
import type { Tensor } from '../tensor.ts'
import { castNode, nodeOf, operands, type TensorLike } from './operand.ts'

/** One scalar op on each element of `x`; `type` says in which type it computes. */
export function unary(
  name: UnaryOp,
  operation: string,
  x: TensorLike,
  type: (dtype: DType) => DType,
): Tensor {
  const node = nodeOf(operation, x)
  const input = castNode(node, type(node.dtype))
  return wrap(build({ kind: 'unary', name }, [input], input.shape, input.dtype))
}

/**
 * One scalar op on each pair of elements after broadcasting; `type` may widen the type in which it
 * computes.
 */
export function binary(
  name: BinaryOp,
  operation: string,
  a: TensorLike,
  b: TensorLike,
  type: (common: DType) => DType,
  result: (computed: DType) => DType = (computed) => computed,
): Tensor {
  const [left, right] = operands(operation, a, b, type)
  return wrap(build({ kind: 'binary', name }, [left, right], left.shape, result(left.dtype)))
}
