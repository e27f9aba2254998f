import { ShapeError } from '../errors.ts'
import { build } from '../graph/build.ts'
import { wrap } from '../graph/handle.ts'
import { bringSortKernels } from '../sort-kernels.ts'
import { checkInteger, normaliseAxis, show } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { gatherNode } from './indexing.ts'
import { arithmeticType, castNode, nodeOf, type TensorLike } from './operand.ts'
import { axisBack, axisLast } from './permute.ts'
import { blockNode } from './slice.ts'

/** Along which axis, and which way, elements are put in order. */
export interface SortOptions {
  /** Default: the last one. */
  readonly axis?: number
  /** From the greatest to the least; default `false`. */
  readonly descending?: boolean
}

/** Elements and where they were. */
export interface Sorted {
  readonly values: Tensor
  /** int32, in the shape of `values`. */
  readonly indices: Tensor
}

/**
 * The positions that put `x` in order along an axis, int32. Equal elements keep their order; NaN counts as
 * the greatest.
 *
 * @throws ShapeError when the axis is out of range
 */
export function argsort(x: TensorLike, options: SortOptions = {}): Tensor {
  return sorted('argsort', x, options).indices
}

/**
 * `x` in order along an axis, with the positions. Equal elements keep their order; NaN counts as the
 * greatest.
 */
export function sort(x: TensorLike, options: SortOptions = {}): Sorted {
  return sorted('sort', x, options)
}

/**
 * The first `k` elements along an axis, in order: the greatest, or the least for `largest: false`.
 *
 * @throws ShapeError when the axis is out of range or has fewer than `k` elements
 */
export function topk(
  x: TensorLike,
  k: number,
  { axis = -1, largest = true }: { axis?: number; largest?: boolean } = {},
): Sorted {
  checkInteger('topk', 'k', k, 0)
  const { values, indices } = sorted('topk', x, { axis, descending: largest })
  const along = normaliseAxis('topk', axis, values.shape)
  if (k > values.shape[along]!)
    throw new ShapeError(`topk: k = ${k} exceeds axis ${along}: ${show(values.shape)}`)
  const first = (t: Tensor): Tensor =>
    wrap(blockNode(t.node, t.shape.map(() => 0), t.shape.with(along, k)))
  return { values: first(values), indices: first(indices) }
}

function sorted(operation: string, x: TensorLike, { axis = -1, descending = false }: SortOptions): Sorted {
  bringSortKernels()
  const node = nodeOf(operation, x)
  const along = normaliseAxis(operation, axis, node.shape)
  const rows = axisLast(wrap(node), along)
  const keys = castNode(rows.node, arithmeticType(node.dtype))
  const order = build({ kind: 'argSort', descending }, [keys], keys.shape, 'int32')
  const values = gatherNode(rows.node, order, order.shape.length - 1)
  return { values: axisBack(wrap(values), along), indices: axisBack(wrap(order), along) }
}
