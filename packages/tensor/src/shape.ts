import { ShapeError, ValueError } from './errors.ts'

/** Sizes of the axes, outermost first; `[]` is a single number. */
export type Shape = readonly number[]

/** `[2,3]`, as error texts show shapes. */
export function show(values: readonly unknown[]): string {
  return `[${values.join(',')}]`
}

/** How many elements a shape holds; 1 for `[]`. */
export function sizeOf(shape: Shape): number {
  let size = 1
  for (const n of shape) size *= n
  return size
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = Array.from(shape, () => 1)
  for (let axis = shape.length - 2; axis >= 0; axis--)
    strides[axis] = strides[axis + 1]! * Math.max(shape[axis + 1]!, 1)
  return strides
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false
  return true
}

/** A copy of `shape`. @throws ShapeError unless it is a list of integers ≥ 0 whose product can be counted */
export function checkShape(operation: string, shape: Shape): number[] {
  if (!Array.isArray(shape))
    throw new ShapeError(`${operation}: expected a list of sizes: got ${String(shape)}`)
  for (const n of shape as Shape) {
    if (!Number.isSafeInteger(n) || n < 0)
      throw new ShapeError(`${operation}: sizes must be integers ≥ 0: ${show(shape)}`)
  }
  if (!Number.isSafeInteger(sizeOf(shape)))
    throw new ShapeError(`${operation}: too many elements: ${show(shape)}`)
  return [...(shape as Shape)]
}

/** @throws ValueError unless `value` is an integer in [`least`, `most`] */
export function checkInteger(
  operation: string,
  what: string,
  value: number,
  least: number,
  most = Infinity,
): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value
  const range = most === Infinity ? `≥ ${least}` : `from ${least} to ${most}`
  throw new ValueError(`${operation}: ${what} must be an integer ${range}: ${String(value)}`)
}

/** `axis` counted from the front. @throws ShapeError when it is no axis of `shape` */
export function normaliseAxis(operation: string, axis: number, shape: Shape): number {
  const rank = shape.length
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ShapeError(
      `${operation}: axis ${String(axis)} is out of range for rank ${rank}: ${show(shape)}`,
    )
  }
  return axis < 0 ? axis + rank : axis
}

/**
 * Axes counted from the front, ascending; all of them for `undefined`.
 *
 * @throws ShapeError when one is repeated
 */
export function normaliseAxes(
  operation: string,
  axes: number | readonly number[] | undefined,
  shape: Shape,
): number[] {
  if (axes === undefined) return Array.from(shape, (_, axis) => axis)
  const given = typeof axes === 'number' ? [axes] : axes
  const normal = given.map((axis) => normaliseAxis(operation, axis, shape))
  if (new Set(normal).size !== normal.length)
    throw new ShapeError(`${operation}: an axis is repeated: ${show(given)}`)
  return normal.toSorted((a, b) => a - b)
}

/** The shape of `a ∘ b` after NumPy broadcasting. @throws ShapeError */
export function broadcast(operation: string, a: Shape, b: Shape): Shape {
  // The common cases make no list.
  if (b.length === 0 || sameShape(a, b)) return a
  if (a.length === 0) return b
  const rank = Math.max(a.length, b.length)
  const result: number[] = []
  for (let axis = -rank; axis < 0; axis++) {
    const m = a[axis + a.length] ?? 1
    const n = b[axis + b.length] ?? 1
    if (m !== n && m !== 1 && n !== 1) {
      throw new ShapeError(`${operation}: shapes do not broadcast: ${show(a)} and ${show(b)}`)
    }
    result.push(m === 1 ? n : m)
  }
  return result
}

/** A size in pixels: one number for both sides, or one for each. */
export type PairLike = number | readonly [height: number, width: number]

/** A size in voxels: one number for all sides, or one for each. */
export type TripleLike = number | readonly [depth: number, height: number, width: number]

/** `[h, w]` from a number or a pair. @throws ValueError */
export function pair(
  operation: string,
  what: string,
  value: number | readonly number[],
  least: number,
): [number, number] {
  return perSide(operation, what, value, least, 'pair [height, width]', 2) as [number, number]
}

/** `[d, h, w]` from a number or a triple. @throws ValueError */
export function triple(
  operation: string,
  what: string,
  value: number | readonly number[],
  least: number,
): [number, number, number] {
  return perSide(operation, what, value, least, 'triple [depth, height, width]', 3) as [number, number, number]
}

function perSide(
  operation: string,
  what: string,
  value: number | readonly number[],
  least: number,
  expected: string,
  sides: number,
): number[] {
  const values = typeof value === 'number' ? Array<number>(sides).fill(value) : value
  if (!Array.isArray(values) || values.length !== sides) {
    throw new ValueError(`${operation}: ${what} must be a number or a ${expected}: ${show([value].flat())}`)
  }
  return values.map((side: number) => checkInteger(operation, what, side, least))
}
