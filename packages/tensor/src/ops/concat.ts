import { ShapeError, ValueError } from '../errors.ts'
import { promote } from '../dtype.ts'
import { build } from '../graph/build.ts'
import { wrap } from '../graph/handle.ts'
import type { Node } from '../graph/node.ts'
import { checkInteger, normaliseAxis, sameShape, show } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { castNode, expandNode, nodeOf, reshapeNode, type TensorLike } from './operand.ts'
import { blockNode } from './slice.ts'

/** The nodes of a list, in their common type. */
function listed(operation: string, list: readonly TensorLike[]): Node[] {
  if (!Array.isArray(list)) throw new ValueError(`${operation}: expected a list of tensors`)
  const nodes = list.map((x: TensorLike) => nodeOf(operation, x))
  const [first] = nodes
  if (first === undefined) throw new ValueError(`${operation}: the list is empty`)
  if (nodes.every((x) => x.dtype === first.dtype)) return nodes
  const dtype = nodes.map((x) => x.dtype).reduce((a, b) => promote(a, b))
  return nodes.map((x) => castNode(x, dtype))
}

/**
 * The tensors of a list one after the other along an axis that they have.
 *
 * @param list of equal shapes, but for the size of that axis; different types become one that holds them all
 * @param options
 * @param options.axis default 0
 * @throws ValueError when the list is empty
 * @throws ShapeError when they differ in another axis
 */
export function concat(list: readonly TensorLike[], { axis = 0 }: { axis?: number } = {}): Tensor {
  const nodes = listed('concat', list)
  const first = nodes[0]!
  const along = normaliseAxis('concat', axis, first.shape)
  for (const { shape } of nodes) {
    if (
      shape.length !== first.shape.length ||
      !sameShape(shape.toSpliced(along, 1), first.shape.toSpliced(along, 1))
    ) {
      throw new ShapeError(
        `concat: shapes differ beside axis ${along}: ${show(first.shape)} and ${show(shape)}`,
      )
    }
  }
  const size = nodes.reduce((sum, x) => sum + x.shape[along]!, 0)
  if (nodes.length === 1) return wrap(first)
  return wrap(build({ kind: 'concat', axis: along }, nodes, first.shape.with(along, size), first.dtype))
}

/**
 * Tensors of one shape side by side along a new axis.
 *
 * @param list of equal shapes
 * @param options
 * @param options.axis of the result; default 0
 * @throws ValueError when the list is empty
 * @throws ShapeError when shapes differ
 */
export function stack(list: readonly TensorLike[], { axis = 0 }: { axis?: number } = {}): Tensor {
  const nodes = listed('stack', list)
  const { shape } = nodes[0]!
  const along = normaliseAxis('stack', axis, [...shape, 1])
  for (const other of nodes) {
    if (!sameShape(shape, other.shape)) {
      throw new ShapeError(`stack: shapes differ: ${show(shape)} and ${show(other.shape)}`)
    }
  }
  return concat(nodes.map((x) => wrap(reshapeNode(x, shape.toSpliced(along, 0, 1)))), { axis: along })
}

/**
 * `x` cut along an axis: into `parts` equal parts, or into parts of the sizes listed.
 *
 * @param x any rank ≥ 1
 * @param parts how many, or the size of each
 * @param options
 * @param options.axis default 0
 * @throws ShapeError when the parts do not add up to the axis
 */
export function split(
  x: TensorLike,
  parts: number | readonly number[],
  { axis = 0 }: { axis?: number } = {},
): Tensor[] {
  const node = nodeOf('split', x)
  const along = normaliseAxis('split', axis, node.shape)
  const size = node.shape[along]!
  if (typeof parts === 'number' && size % checkInteger('split', 'the number of parts', parts, 1) !== 0) {
    throw new ShapeError(`split: axis ${along} of size ${size} does not divide into ${parts} equal parts`)
  }
  const sizes = typeof parts === 'number' ? Array<number>(parts).fill(size / parts) : parts
  for (const part of sizes) checkInteger('split', 'a size', part, 0)
  if (sizes.reduce((sum, part) => sum + part, 0) !== size) {
    throw new ShapeError(`split: sizes ${show(sizes)} do not add up to axis ${along} of size ${size}`)
  }
  let offset = 0
  return sizes.map((part) => {
    const start = node.shape.map((_, a) => (a === along ? offset : 0))
    offset += part
    return wrap(blockNode(node, start, node.shape.with(along, part)))
  })
}

/**
 * Each element `count` times in a row along an axis: `[a, b]` twice is `[a, a, b, b]`.
 *
 * @param x any rank ≥ 1
 * @param count an integer ≥ 0
 * @param options
 * @param options.axis default 0
 * @throws ValueError when `count` is no integer ≥ 0
 */
export function repeat(x: TensorLike, count: number, { axis = 0 }: { axis?: number } = {}): Tensor {
  const node = nodeOf('repeat', x)
  const along = normaliseAxis('repeat', axis, node.shape)
  checkInteger('repeat', 'the count', count, 0)
  const spread = reshapeNode(node, node.shape.toSpliced(along + 1, 0, 1))
  const repeated = expandNode(spread, spread.shape.with(along + 1, count))
  return wrap(reshapeNode(repeated, node.shape.with(along, node.shape[along]! * count)))
}

/**
 * The whole of `x` laid out `counts[a]` times along each axis a: `[a, b]` twice is `[a, b, a, b]`. Missing
 * axes, on either side, come in front with size or count 1.
 *
 * @throws ValueError when a count is no integer ≥ 0
 */
export function tile(x: TensorLike, counts: readonly number[]): Tensor {
  const node = nodeOf('tile', x)
  for (const count of counts) checkInteger('tile', 'a count', count, 0)
  const rank = Math.max(counts.length, node.shape.length)
  const sizes = [...Array<number>(rank - node.shape.length).fill(1), ...node.shape]
  const times = [...Array<number>(rank - counts.length).fill(1), ...counts]
  const spread = reshapeNode(node, sizes.flatMap((size) => [1, size]))
  const tiled = expandNode(spread, sizes.flatMap((size, axis) => [times[axis]!, size]))
  return wrap(reshapeNode(tiled, sizes.map((size, axis) => size * times[axis]!)))
}
