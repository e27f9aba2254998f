import type { DType } from '../dtype.ts'
import { build } from '../graph/build.ts'
import { wrap } from '../graph/handle.ts'
import type { Op } from '../graph/node.ts'
import { binaryOps, type BinaryOp, unaryOps, type UnaryOp } from '../graph/scalar.ts'
import type { Tensor } from '../tensor.ts'
import { castNode, nodeOf, operands, type TensorLike } from './operand.ts'

/** One object for all nodes that do the same. */
const unaries = Object.fromEntries(unaryOps.map((name) => [name, { kind: 'unary', name }])) as Record<UnaryOp, Op>
const binaries = Object.fromEntries(binaryOps.map((name) => [name, { kind: 'binary', name }])) as Record<
  BinaryOp,
  Op
>

/** One scalar op on each element of `x`; `type` says in which type it computes. */
export function unary(
  name: UnaryOp,
  operation: string,
  x: TensorLike,
  type: (dtype: DType) => DType,
): Tensor {
  const node = nodeOf(operation, x)
  const input = castNode(node, type(node.dtype))
  return wrap(build(unaries[name], [input], input.shape, input.dtype))
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
  return wrap(build(binaries[name], [left, right], left.shape, result(left.dtype)))
}
