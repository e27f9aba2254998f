import type { Node } from '../graph/node.ts'
import { stridesOf } from '../shape.ts'

/**
 * How positions of a space map to elements of a dense base: `offset + Σ stridesₐ · iₐ`, or a fill value out
 * of bounds.
 */
export interface View {
  readonly shape: readonly number[]
  readonly offset: number
  readonly strides: readonly number[]
  readonly bounds: readonly Bound[]
  /** The pad node whose value fills what is out of bounds. */
  readonly pad: Node | undefined
}

interface Bound {
  readonly axis: number
  readonly low: number
  readonly high: number
}

export function denseView(shape: readonly number[]): View {
  return { shape, offset: 0, strides: stridesOf(shape), bounds: [], pad: undefined }
}

/** Whether a view reads its base row by row, from `offset` on, without gaps. */
export function isDense(view: View): boolean {
  if (view.bounds.length > 0) return false
  let expected = 1
  for (let axis = view.shape.length - 1; axis >= 0; axis--) {
    const size = view.shape[axis]!
    if (size === 0) return true
    if (size !== 1 && view.strides[axis] !== expected) return false
    expected *= size
  }
  return true
}

/** `view` seen through one more view node, or undefined when strides cannot express it. */
export function applyView(view: View, node: Node): View | undefined {
  const { op, shape } = node
  switch (op.kind) {
    case 'identity':
      return view
    case 'expand':
      return expanded(view, shape)
    case 'permute':
      return permuted(view, op.axes, shape)
    case 'slice':
      return sliced(view, op.start, op.step, shape)
    case 'pad':
      return padded(view, op.before, node)
    case 'reshape':
      return reshaped(view, shape)
    default:
      return undefined
  }
}

/** Axes that are new come in front. */
function expanded(view: View, shape: readonly number[]): View | undefined {
  const added = shape.length - view.shape.length
  const repeats = (axis: number): boolean => view.shape[axis - added] !== shape[axis]
  const bounds = view.bounds.map((bound) => ({ ...bound, axis: bound.axis + added }))
  if (bounds.some(({ axis }) => repeats(axis))) return undefined
  const strides = shape.map((_, axis) => (repeats(axis) ? 0 : view.strides[axis - added]!))
  return { ...view, shape, strides, bounds }
}

function permuted(view: View, axes: readonly number[], shape: readonly number[]): View {
  return {
    ...view,
    shape,
    strides: axes.map((axis) => view.strides[axis]!),
    bounds: view.bounds.map((bound) => ({ ...bound, axis: axes.indexOf(bound.axis) })),
  }
}

function sliced(
  view: View,
  start: readonly number[],
  step: readonly number[],
  shape: readonly number[],
): View {
  let offset = view.offset
  start.forEach((first, axis) => (offset += first * view.strides[axis]!))
  const bounds = view.bounds.map(({ axis, low, high }) => {
    // low ≤ first + step · i < high
    const first = start[axis]!
    const by = step[axis]!
    const [from, to] = by > 0 ? [low - first, high - first] : [first - high + 1, first - low + 1]
    const pace = Math.abs(by)
    return {
      axis,
      low: Math.max(Math.ceil(from / pace), 0),
      high: Math.min(Math.ceil(to / pace), shape[axis]!),
    }
  })
  return { ...view, shape, offset, strides: view.strides.map((stride, axis) => stride * step[axis]!), bounds }
}

function padded(view: View, before: readonly number[], node: Node): View | undefined {
  // Two paddings may differ in their value.
  if (view.bounds.length > 0) return undefined
  let offset = view.offset
  const bounds: Bound[] = []
  before.forEach((count, axis) => {
    offset -= count * view.strides[axis]!
    if (node.shape[axis] !== view.shape[axis])
      bounds.push({ axis, low: count, high: count + view.shape[axis]! })
  })
  return { ...view, shape: node.shape, offset, bounds, pad: node }
}

/**
 * Axes are matched in groups of equal size; a group of several old axes must lie in memory as one.
 * Axes with bounds must be alone in their group, unchanged.
 */
function reshaped(view: View, shape: readonly number[]): View | undefined {
  if (shape.includes(0)) return { ...denseView(shape), offset: view.offset }
  const strides = Array.from(shape, () => 0)
  const bounds: Bound[] = []
  const old = view.shape
    .map((size, axis) => ({ size, stride: view.strides[axis]!, axis }))
    .filter(({ size }) => size !== 1)
  const bounded = (axis: number): Bound | undefined => view.bounds.find((bound) => bound.axis === axis)
  if (view.bounds.some(({ axis }) => view.shape[axis] === 1)) return undefined
  let position = 0
  let axis = 0
  while (position < old.length) {
    const first = old[position]!
    let size = first.size
    let last = first
    let bound = bounded(first.axis)
    position++
    while (axis < shape.length && shape[axis] === 1) axis++
    let covered = 1
    const group: number[] = []
    while (covered < size || group.length === 0) {
      covered *= shape[axis]!
      group.push(axis++)
      while (covered > size) {
        const next = old[position++]!
        const merges =
          last.stride === next.size * next.stride && bound === undefined && bounded(next.axis) === undefined
        if (!merges) return undefined
        size *= next.size
        last = next
      }
    }
    const real = group.filter((each) => shape[each] !== 1)
    if (bound !== undefined && real.length > 1) return undefined
    if (bound !== undefined) bounds.push({ ...bound, axis: real[0]! })
    let stride = last.stride
    for (const each of group.reverse()) {
      strides[each] = stride
      stride *= shape[each]!
    }
    bound = undefined
  }
  return { shape, offset: view.offset, strides, bounds, pad: view.pad }
}
