import { ShapeError } from '../errors.ts'
import { wrap } from '../graph/handle.ts'
import { checkShape, normaliseAxes, normaliseAxis, type Shape, show, sizeOf } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { nodeOf, reshapeNode, type TensorLike } from './operand.ts'

/**
 * The same elements in row-major order under another shape, of which one size may be `-1`: what remains.
 *
 * @throws ShapeError when the sizes do not multiply to the number of elements
 * @example
 * ```ts
 * reshape(arange(6), [2, -1]) // [[0, 1, 2], [3, 4, 5]]
 * ```
 */
export function reshape(x: TensorLike, shape: Shape): Tensor {
  const node = nodeOf('reshape', x)
  const open = Array.isArray(shape) ? shape.indexOf(-1) : -1
  if (open < 0) return wrap(reshapeNode(node, fitting(node.shape, checkShape('reshape', shape), shape)))
  if (shape.lastIndexOf(-1) !== open)
    throw new ShapeError(`reshape: more than one size is -1: ${show(shape)}`)
  const rest = checkShape('reshape', shape.toSpliced(open, 1))
  const known = sizeOf(rest)
  const size = known === 0 ? 0 : sizeOf(node.shape) / known
  if (known === 0 || !Number.isInteger(size)) {
    throw new ShapeError(`reshape: no size for -1 fits: ${show(node.shape)} to ${show(shape)}`)
  }
  return wrap(reshapeNode(node, rest.toSpliced(open, 0, size)))
}

function fitting(from: Shape, to: number[], asked: Shape): number[] {
  if (sizeOf(from) === sizeOf(to)) return to
  throw new ShapeError(`reshape: number of elements differs: ${show(from)} to ${show(asked)}`)
}

/**
 * The axes from `start` to `end` (inclusive) as one; all of them by default, so that a single number
 * becomes `[1]`.
 *
 * @throws ShapeError when an axis is out of range or `start` comes after `end`
 */
export function flatten(
  x: TensorLike,
  { start = 0, end = -1 }: { start?: number; end?: number } = {},
): Tensor {
  const node = nodeOf('flatten', x)
  const { shape } = node
  if (shape.length === 0) return wrap(reshapeNode(node, [1]))
  const first = normaliseAxis('flatten', start, shape)
  const last = normaliseAxis('flatten', end, shape)
  if (first > last) throw new ShapeError(`flatten: start ${start} comes after end ${end}: ${show(shape)}`)
  const middle = sizeOf(shape.slice(first, last + 1))
  return wrap(reshapeNode(node, [...shape.slice(0, first), middle, ...shape.slice(last + 1)]))
}

/**
 * `x` without its axes of size 1, or without those of them that `axis` names.
 *
 * @throws ShapeError when one has another size
 */
export function squeeze(x: TensorLike, axis?: number | readonly number[]): Tensor {
  const node = nodeOf('squeeze', x)
  const { shape } = node
  const dropped = new Set(
    normaliseAxes('squeeze', axis, shape).filter((a) => axis !== undefined || shape[a] === 1),
  )
  for (const a of dropped) {
    if (shape[a] !== 1) throw new ShapeError(`squeeze: axis ${a} has size ${shape[a]}, not 1: ${show(shape)}`)
  }
  return wrap(reshapeNode(node, shape.filter((_, a) => !dropped.has(a))))
}

/** `x` with an axis of size 1 at `axis` of the result. @throws ShapeError when it is out of range */
export function unsqueeze(x: TensorLike, axis: number): Tensor {
  const node = nodeOf('unsqueeze', x)
  const at = normaliseAxis('unsqueeze', axis, [...node.shape, 1])
  return wrap(reshapeNode(node, node.shape.toSpliced(at, 0, 1)))
}
