import { wrap } from '../graph/handle.ts'
import { mul } from '../ops/arithmetic.ts'
import { reshapeNode } from '../ops/operand.ts'
import { padNode } from '../ops/pad.ts'
import { permute } from '../ops/permute.ts'
import { blockNode, flip } from '../ops/slice.ts'
import { sizeOf } from '../shape.ts'
import type { Tensor } from '../tensor.ts'

/**
 * For each element the product of all others along `axes`: what precedes it times what follows it. No
 * division, so zeros need no cases and the gradient of this gradient is exact.
 */
export function exclusiveProduct(x: Tensor, axes: readonly number[]): Tensor {
  const kept = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]))
  const order = [...kept, ...axes]
  const moved = permute(x, order)
  const row = sizeOf(axes.map((axis) => x.shape[axis]!))
  const rows = wrap(reshapeNode(moved.node, [...moved.shape.slice(0, kept.length), row]))
  const before = precedingProduct(rows)
  const after = flip(precedingProduct(flip(rows, -1)), -1)
  const result = wrap(reshapeNode(mul(before, after).node, moved.shape))
  return permute(result, order.map((_, axis) => order.indexOf(axis)))
}

/** Along the last axis, the product of what comes before each element: 1 for the first. */
function precedingProduct(x: Tensor): Tensor {
  const size = x.shape.at(-1)!
  let product = shifted(x, 1)
  // After the k-th pass each element holds the product of the 2ᵏ before it (Hillis & Steele 1986).
  for (let reach = 1; reach < size; reach *= 2) product = mul(product, shifted(product, reach))
  return product
}

/** `x` moved back by `distance` along the last axis; ones move in. */
function shifted(x: Tensor, distance: number): Tensor {
  const last = x.rank - 1
  const zero = x.shape.map(() => 0)
  const size = Math.max(0, x.shape[last]! - distance)
  const head = blockNode(x.node, zero, x.shape.with(last, size))
  return wrap(padNode(head, zero.with(last, x.shape[last]! - size), zero, 1))
}
