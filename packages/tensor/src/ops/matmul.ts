import { isFloat, promote } from '../dtype.ts'
import { ShapeError } from '../errors.ts'
import { build } from '../graph/build.ts'
import { wrap } from '../graph/handle.ts'
import type { Node, Op } from '../graph/node.ts'
import { broadcast, show, sizeOf } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { castNode, expandNode, nodeOf, reshapeNode, sumType, type TensorLike } from './operand.ts'
import { mul } from './arithmetic.ts'
import { sum } from './reduce.ts'

const MATMUL: Op = { kind: 'matmul' }

/**
 * The matrix product, by NumPy's rules: the last two axes are matrices, the others broadcast; a vector
 * counts as a row on the left and as a column on the right, and that axis is gone from the result.
 *
 * @param a `[…, M, K]` or `[K]`
 * @param b `[…, K, N]` or `[K]`
 * @returns `[…, M, N]`
 * @throws ShapeError when an operand is a single number, inner sizes differ or batch axes do not broadcast
 * @example
 * ```ts
 * matmul(ones([2, 3]), ones([3, 4])) // [2, 4], all 3
 * ```
 */
export function matmul(a: TensorLike, b: TensorLike): Tensor {
  const left = nodeOf('matmul', a)
  const right = nodeOf('matmul', b)
  if (left.shape.length === 0 || right.shape.length === 0) {
    throw new ShapeError(`matmul: an operand has no axes: ${both(left, right)}`)
  }
  const dtype = sumType(promote(left.dtype, right.dtype))
  const rows = castNode(left.shape.length === 1 ? reshapeNode(left, [1, ...left.shape]) : left, dtype)
  const columns = castNode(right.shape.length === 1 ? reshapeNode(right, [...right.shape, 1]) : right, dtype)
  if (rows.shape.at(-1) !== columns.shape.at(-2))
    throw new ShapeError(`matmul: inner dimensions differ: ${both(left, right)}`)
  const product = isFloat(dtype) ? matrices(rows, columns) : integers(wrap(rows), wrap(columns))
  if (left.shape.length > 1 && right.shape.length > 1) return wrap(product)
  const batch = product.shape.slice(0, -2)
  const kept = [...(left.shape.length === 1 ? [] : [-2]), ...(right.shape.length === 1 ? [] : [-1])]
  return wrap(reshapeNode(product, [...batch, ...kept.map((axis) => product.shape.at(axis)!)]))
}

function both(left: Node, right: Node): string {
  return `${show(left.shape)} x ${show(right.shape)}`
}

/** Both with rank ≥ 2. */
function matrices(left: Node, right: Node): Node {
  const batch = broadcast('matmul', left.shape.slice(0, -2), right.shape.slice(0, -2))
  const [m, k] = left.shape.slice(-2) as [number, number]
  const n = right.shape.at(-1)!
  // One matrix on the right serves all rows of the batch: a single product, whose weight gradient is a
  // single one, too.
  if (left.shape.length > 2 && sizeOf(right.shape.slice(0, -2)) === 1 && sizeOf(left.shape) > 0) {
    const flat = product(reshapeNode(left, [sizeOf(left.shape) / k, k]), reshapeNode(right, [k, n]))
    return reshapeNode(flat, [...batch, m, n])
  }
  return product(expandNode(left, [...batch, m, k]), expandNode(right, [...batch, k, n]))
}

function product(left: Node, right: Node): Node {
  return build(
    MATMUL,
    [left, right],
    [...left.shape.slice(0, -1), right.shape.at(-1)!],
    left.dtype,
  )
}

/** Sums of products: exact for integers, on every backend. */
function integers(left: Tensor, right: Tensor): Node {
  const spread = wrap(reshapeNode(left.node, [...left.shape, 1]))
  const column = wrap(reshapeNode(right.node, right.shape.toSpliced(-2, 0, 1)))
  broadcast('matmul', left.shape.slice(0, -2), right.shape.slice(0, -2))
  return sum(mul(spread, column), { axis: -2 }).node
}
