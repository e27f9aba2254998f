import { ShapeError, ValueError, concat, flip, pad, slice } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'

/** What stands around an image: zeros, the image mirrored, its edge, or the image again from the other side. */
export type PaddingMode = 'zeros' | 'reflect' | 'replicate' | 'circular'

export const paddingModes: readonly PaddingMode[] = ['zeros', 'reflect', 'replicate', 'circular']

/** How many elements go before and after an axis; negative ones are cut off. */
export type PaddingWidths = readonly [before: number, after: number]

/**
 * Puts elements around the last axes: `[1, 2, 3]` with two on each side becomes `0 0 1 2 3 0 0` (`zeros`),
 * `3 2 1 2 3 2 1` (`reflect`), `1 1 1 2 3 3 3` (`replicate`) or `2 3 1 2 3 1 2` (`circular`).
 *
 * @param x any shape
 * @param widths one `[before, after]` for each of the last axes; negative ones cut elements off
 * @param options
 * @param options.mode default `zeros`
 * @param options.value what `zeros` puts around in place of 0
 * @returns `x` with its last axes longer or shorter by the sum of their widths
 * @throws ShapeError when there are more widths than axes, an axis has less than is to be cut off, `circular`
 *   is asked for more elements than the axis has, or `reflect` for as many
 * @throws ValueError when a width is no integer, or the mode is unknown
 * @example
 * ```ts
 * padAround(tensor([1, 2, 3]), [[2, 1]], { mode: 'reflect' }) // [3, 2, 1, 2, 3, 2]
 * ```
 */
export function padAround(
  x: Tensor,
  widths: readonly PaddingWidths[],
  { mode = 'zeros', value = 0 }: { mode?: PaddingMode; value?: number } = {},
): Tensor {
  if (!paddingModes.includes(mode)) {
    throw new ValueError(
      `padAround: unknown mode ${JSON.stringify(mode)}: expected ${paddingModes.join(', ')}`,
    )
  }
  if (widths.length > x.rank) {
    throw new ShapeError(`padAround: more widths than axes: ${widths.length} for [${x.shape.join(',')}]`)
  }
  const first = x.rank - widths.length
  checkWidths(x, widths, mode)
  const cropped = cropAxes(x, widths)
  const around = widths.map(([before, after]) => [Math.max(before, 0), Math.max(after, 0)] as const)
  if (mode === 'zeros') {
    const none = [0, 0] as const
    return pad(cropped, [...Array.from({ length: first }, () => none), ...around], { value })
  }
  return around.reduce((y, [before, after], k) => padAxis(y, first + k, before, after, mode), cropped)
}

function checkWidths(x: Tensor, widths: readonly PaddingWidths[], mode: PaddingMode): void {
  for (const [k, width] of widths.entries()) {
    const axis = x.rank - widths.length + k
    const size = x.shape[axis]!
    const shown = `[${width.join(',')}] around axis ${axis} of [${x.shape.join(',')}]`
    if (!width.every((w) => Number.isSafeInteger(w)))
      throw new ValueError(`padAround: a width is no integer: ${shown}`)
    const [before, after] = width
    // What is mirrored or repeated is what cutting leaves.
    const left = size + Math.min(before, 0) + Math.min(after, 0)
    if (left < 0) throw new ShapeError(`padAround: there is less to cut off: ${shown}`)
    const most = { zeros: Infinity, reflect: left - 1, replicate: left > 0 ? Infinity : 0, circular: left }[
      mode
    ]
    if (Math.max(before, after) > Math.max(most, 0))
      throw new ShapeError(`padAround: ${mode} has only ${Math.max(most, 0)} elements to put there: ${shown}`)
  }
}

/** Cuts off what negative widths say. */
function cropAxes(x: Tensor, widths: readonly PaddingWidths[]): Tensor {
  if (widths.every(([before, after]) => before >= 0 && after >= 0)) return x
  const kept = widths.map(([before, after], k) => {
    const size = x.shape[x.rank - widths.length + k]!
    return [Math.max(-before, 0), size - Math.max(-after, 0)] as const
  })
  return slice(x, [...x.shape.slice(0, -widths.length).map(() => undefined), ...kept])
}

function padAxis(
  x: Tensor,
  axis: number,
  before: number,
  after: number,
  mode: Exclude<PaddingMode, 'zeros'>,
): Tensor {
  const size = x.shape[axis]!
  const part = (start: number, stop: number): Tensor =>
    slice(x, [...x.shape.slice(0, axis).map(() => undefined), [start, stop]])
  const repeated = (edge: Tensor, count: number): Tensor => edge.expand(x.shape.with(axis, count))
  const sides = {
    reflect: () => [flip(part(1, 1 + before), axis), flip(part(size - 1 - after, size - 1), axis)],
    replicate: () => [repeated(part(0, 1), before), repeated(part(size - 1, size), after)],
    circular: () => [part(size - before, size), part(0, after)],
  }
  if (before === 0 && after === 0) return x
  const [front, back] = sides[mode]() as [Tensor, Tensor]
  return concat([...(before > 0 ? [front] : []), x, ...(after > 0 ? [back] : [])], { axis })
}
