import type { Body } from '../../../schedule/kernels.ts'

/** An iteration space with fewer axes, and how the axes of the original one map to it. */
export interface Collapsed {
  readonly shape: readonly number[]
  /** The new axis of each old one; −1 for one that is gone (its size was 1). */
  readonly axes: readonly number[]
}

/**
 * Joins neighbouring axes through which every access walks as through one, and drops axes of size 1. `fixed`
 * axes stay as they are: those whose position is asked for, and those with bounds. Axes before and after
 * `boundary` never join.
 */
export function collapse(
  shape: readonly number[],
  accesses: readonly { readonly strides: readonly number[] }[],
  fixed: ReadonlySet<number>,
  boundary = -1,
): Collapsed {
  const sizes: number[] = []
  /** The last old axis in each new one. */
  const last: number[] = []
  const axes = shape.map((size, axis) => {
    if (size === 1 && !fixed.has(axis)) return -1
    const before = last.at(-1)
    const joins =
      before !== undefined &&
      !fixed.has(axis) &&
      !fixed.has(before) &&
      !(before < boundary && axis >= boundary) &&
      accesses.every(({ strides }) => strides[before] === strides[axis] * size)
    if (joins) {
      sizes[sizes.length - 1] *= size
      last[last.length - 1] = axis
    } else {
      sizes.push(size)
      last.push(axis)
    }
    return sizes.length - 1
  })
  return { shape: sizes, axes }
}

/** Strides over the new axes: each is that of the last old axis in it. */
export function collapseStrides(strides: readonly number[], { shape, axes }: Collapsed): number[] {
  const result = shape.map(() => 0)
  axes.forEach((axis, old) => {
    if (axis >= 0) result[axis] = strides[old]!
  })
  return result
}

/** A body over the new axes. */
export function collapseBody(body: Body, collapsed: Collapsed): Body {
  const { axes } = collapsed
  return {
    loads: body.loads.map((load) => ({
      ...load,
      strides: collapseStrides(load.strides, collapsed),
      ...(load.bounds && { bounds: load.bounds.map((bound) => ({ ...bound, axis: axes[bound.axis] })) }),
    })),
    instructions: body.instructions.map((instruction) =>
      instruction.op === 'index' ? { ...instruction, axis: axes[instruction.axis] } : instruction,
    ),
  }
}

/** Axes of a body that must stay recognisable. */
export function fixedAxes(body: Body): Set<number> {
  const fixed = new Set<number>()
  for (const { bounds } of body.loads) for (const { axis } of bounds ?? []) fixed.add(axis)
  for (const instruction of body.instructions) if (instruction.op === 'index') fixed.add(instruction.axis)
  return fixed
}
