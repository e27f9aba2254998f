import { IndexError, ShapeError, ValueError } from '../errors.ts'
import { build } from '../graph/build.ts'
import { wrap } from '../graph/handle.ts'
import type { Node } from '../graph/node.ts'
import { normaliseAxes, sameShape, type Shape, show } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { constantNode, nodeOf, reshapeNode, type TensorLike } from './operand.ts'

/**
 * What `slice` keeps of one axis: `[start, stop, step]` as in Python, each optional; one position, which
 * drops the axis; or everything, for `undefined` or `null`.
 */
export type SliceRange =
  | number
  | null
  | undefined
  | readonly [
      start?: number | null | undefined,
      stop?: number | null | undefined,
      step?: number | null | undefined,
    ]

/** Where a slice begins on each axis, how it steps, and how many elements it takes. */
interface Cut {
  readonly start: number
  readonly step: number
  readonly count: number
}

/**
 * A part of `x`, without a copy: NumPy's `x[a:b:c, i, …]`. Negative positions count from the end, ranges
 * are clamped to the axis, a negative step goes backwards; axes without a range are kept whole.
 *
 * @throws ShapeError when there are more ranges than axes
 * @throws IndexError when a single position is out of range
 * @throws ValueError when a step is 0 or something is no integer
 * @example
 * ```ts
 * const x = reshape(arange(12), [3, 4])
 * slice(x, [[0, 2], [null, null, -1]]) // [[3, 2, 1, 0], [7, 6, 5, 4]]
 * slice(x, [undefined, 0])             // [0, 4, 8]
 * ```
 */
export function slice(x: TensorLike, ranges: readonly SliceRange[]): Tensor {
  const node = nodeOf('slice', x)
  const { shape } = node
  if (!Array.isArray(ranges))
    throw new ValueError(`slice: expected a list of ranges, one per axis: got ${String(ranges)}`)
  if (ranges.length > shape.length) {
    throw new ShapeError(`slice: more ranges than axes: ${ranges.length} for ${show(shape)}`)
  }
  const cuts = shape.map((size, axis) => cut(ranges[axis], size, axis))
  const sliced = sliceNode(
    node,
    cuts.map((c) => c.start),
    cuts.map((c) => c.step),
    cuts.map((c) => c.count),
  )
  return wrap(
    reshapeNode(
      sliced,
      sliced.shape.filter((_, axis) => typeof ranges[axis] !== 'number'),
    ),
  )
}

/** `count[a]` elements of each axis a, from `start[a]` in steps of `step[a]`; all within the axis. */
function sliceNode(
  x: Node,
  start: readonly number[],
  step: readonly number[],
  count: readonly number[],
): Node {
  const whole =
    sameShape(x.shape, count) && start.every((s, axis) => s === 0 && (step[axis] === 1 || count[axis]! <= 1))
  if (whole) return x
  if (x.op.kind === 'constant') return constantNode(x.op.value, count, x.dtype)
  return build({ kind: 'slice', start, step }, [x], count, x.dtype)
}

/** A block of `x` of the given shape, with its first corner at `start`; all within `x`. */
export function blockNode(x: Node, start: readonly number[], shape: Shape): Node {
  return sliceNode(
    x,
    start,
    x.shape.map(() => 1),
    shape,
  )
}

function cut(range: SliceRange, size: number, axis: number): Cut {
  if (range === undefined || range === null) return { start: 0, step: 1, count: size }
  if (typeof range === 'number') return { start: position(range, size, axis), step: 1, count: 1 }
  if (!Array.isArray(range) || range.length > 3)
    throw new ValueError(`slice: not a range on axis ${axis}: ${String(range)}`)
  const bounds = range as readonly (number | null | undefined)[]
  for (const bound of bounds) {
    if (bound !== undefined && bound !== null && !Number.isInteger(bound)) {
      throw new ValueError(`slice: bounds and steps must be integers: ${show(range)} on axis ${axis}`)
    }
  }
  const [from, to, by] = bounds
  const step = by ?? 1
  if (step === 0) throw new ValueError(`slice: the step on axis ${axis} is 0: ${show(range)}`)
  // Backwards, positions run from size − 1 down to −1, which stands for "past the front".
  const low = step > 0 ? 0 : -1
  const high = step > 0 ? size : size - 1
  const clamp = (bound: number): number => Math.min(Math.max(bound < 0 ? bound + size : bound, low), high)
  const start = clamp(from ?? (step > 0 ? 0 : size))
  const stop = to === undefined || to === null ? (step > 0 ? high : low) : clamp(to)
  const count = Math.max(0, Math.ceil((stop - start) / step))
  return { start: count === 0 ? 0 : start, step: count > 1 ? step : 1, count }
}

function position(index: number, size: number, axis: number): number {
  if (!Number.isInteger(index))
    throw new ValueError(`slice: a position must be an integer: ${index} on axis ${axis}`)
  if (index >= -size && index < size) return index < 0 ? index + size : index
  throw new IndexError(`slice: position ${index} is out of range for axis ${axis} of size ${size}`)
}

/**
 * `x` backwards along `axes`, all of them by default.
 *
 * @throws ShapeError when an axis is out of range or repeated
 */
export function flip(x: TensorLike, axes?: number | readonly number[]): Tensor {
  const node = nodeOf('flip', x)
  const flipped = new Set(normaliseAxes('flip', axes, node.shape))
  const backwards = node.shape.map((size, axis) => flipped.has(axis) && size > 1)
  if (!backwards.includes(true)) return wrap(node)
  const start = node.shape.map((size, axis) => (backwards[axis] ? size - 1 : 0))
  return wrap(
    sliceNode(
      node,
      start,
      backwards.map((back) => (back ? -1 : 1)),
      node.shape,
    ),
  )
}
