import { ShapeError, ValueError, take, tensor } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { adaptiveAverage } from './adaptive-pooling.ts'
import { tapsOf, type Kernel, type Sampling } from './resampling.ts'
import { single } from './size.ts'

/** How values between pixels are found. */
export type InterpolationMode =
  | 'nearest'
  | 'nearest-exact'
  | 'linear'
  | 'bilinear'
  | 'trilinear'
  | 'bicubic'
  | 'area'

/** To which size images are brought, and how. Either `size` or `scaleFactor` is given. */
export interface InterpolateOptions {
  /** Size of the result: a number for all axes, or one per axis. */
  size?: number | readonly number[] | undefined
  /** How much larger the result is: a number for all axes, or one per axis. Sizes are rounded down. */
  scaleFactor?: number | readonly number[] | undefined
  /**
   * `nearest`; `nearest-exact`, which looks from the centres of pixels; `linear` for sequences, `bilinear` or
   * `bicubic` for images, `trilinear` for volumes; `area`, the mean of the pixels under each new one. Default
   * `nearest`.
   */
  mode?: InterpolationMode
  /**
   * For the linear modes and `bicubic`: whether the centres of the corner pixels of both images lie on each
   * other, instead of their outer corners; default false.
   */
  alignCorners?: boolean
}

/** How many axes each mode works on; others work on any. */
const axesOfMode: Partial<Record<InterpolationMode, number>> = {
  linear: 1,
  bilinear: 2,
  bicubic: 2,
  trilinear: 3,
}

const kernels: Readonly<Record<Exclude<InterpolationMode, 'area'>, Kernel>> = {
  nearest: 'nearest',
  'nearest-exact': 'nearest-exact',
  linear: 'linear',
  bilinear: 'linear',
  trilinear: 'linear',
  bicubic: 'cubic',
}

const modes: readonly string[] = [...Object.keys(kernels), 'area']

/**
 * Images, sequences or volumes in another size. PyTorch's `interpolate`, without a filter: for a much smaller
 * result use `area`.
 *
 * Axes are resampled one after the other, so the work is that of the taps along each: 2 per pixel for
 * `bilinear`, 4 for `bicubic`, whatever the size.
 *
 * @param x `[N, C, L]`, `[N, C, H, W]` or `[N, C, D, H, W]`
 * @returns `[N, C, …size]`
 * @throws ShapeError when `x` has another rank, no pixels, or another number of axes than the mode
 * @throws ValueError when neither or both of `size` and `scaleFactor` are given, one is out of range, or the
 *   mode is unknown or knows no corners
 * @example
 * ```ts
 * interpolate(images, { scaleFactor: 2, mode: 'bilinear' }) // [N, C, 2·H, 2·W]
 * interpolate(images, { size: [224, 224], mode: 'bicubic', alignCorners: true })
 * ```
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  const { mode = 'nearest', alignCorners = false } = options
  checkMode('interpolate', mode, options)
  checkImage(x, mode)
  const samplings = resizedAxes(x.shape.slice(2), options)
  const sizes = samplings.map(({ count }) => count)
  if (mode === 'area') return adaptiveAverage('interpolate', x, sizes)
  // Axes that shrink most first, and of equals the last: rows are cheaper to take whole, and few.
  const order = samplings
    .map((sampling, k) => ({ sampling: { ...sampling, alignCorners }, axis: k + 2 }))
    .sort(
      (a, b) => a.sampling.count / a.sampling.size - b.sampling.count / b.sampling.size || b.axis - a.axis,
    )
  return order.reduce((y, { sampling, axis }) => resample(y, axis, kernels[mode], sampling), x)
}

/** @throws ValueError */
export function checkMode(
  operation: string,
  mode: InterpolationMode,
  { size, scaleFactor, alignCorners }: InterpolateOptions,
): void {
  if (!modes.includes(mode))
    throw new ValueError(`${operation}: unknown mode ${JSON.stringify(mode)}: expected ${modes.join(', ')}`)
  if (alignCorners !== undefined && axesOfMode[mode] === undefined)
    throw new ValueError(`${operation}: alignCorners is not for mode '${mode}': it knows no corners`)
  if ((size === undefined) === (scaleFactor === undefined))
    throw new ValueError(
      `${operation}: give one of size and scaleFactor: ${size === undefined ? 'neither is' : 'both are'} there`,
    )
}

function checkImage(x: Tensor, mode: InterpolationMode): void {
  const axes = x.rank - 2
  const wanted = axesOfMode[mode]
  if (axes < 1 || axes > 3 || (wanted !== undefined && axes !== wanted)) {
    const expected = wanted === undefined ? 'rank 3, 4 or 5' : `rank ${wanted + 2}`
    throw new ShapeError(`interpolate: mode '${mode}' needs an input of ${expected}: [${x.shape.join(',')}]`)
  }
  if (x.shape.includes(0, 2)) throw new ShapeError(`interpolate: the image is empty: [${x.shape.join(',')}]`)
}

/** Along each axis of an image, how many elements there are and will be. @throws ValueError */
export function resizedAxes(
  image: readonly number[],
  { size, scaleFactor }: InterpolateOptions,
): Omit<Sampling, 'alignCorners'>[] {
  const what = size === undefined ? 'scaleFactor' : 'size'
  const given = (size ?? scaleFactor)!
  const wanted = typeof given === 'number' ? image.map(() => given) : given
  if (!Array.isArray(wanted) || wanted.length !== image.length) {
    throw new ValueError(
      `interpolate: ${what} has not one number for each of ${image.length} axes: [${[wanted].flat().join(',')}]`,
    )
  }
  return image.map((length, axis) => {
    const number: number = wanted[axis]
    if (size !== undefined) return { size: length, count: single('interpolate', 'size', number, 1) }
    const count = Math.floor(length * number)
    if (Number.isFinite(number) && number > 0 && count > 0) return { size: length, count, scale: number }
    throw new ValueError(`interpolate: scaleFactor leaves nothing of an axis: ${number} times ${length}`)
  })
}

function resample(x: Tensor, axis: number, kernel: Kernel, sampling: Sampling): Tensor {
  const { size, count, scale = 1 } = sampling
  // Nothing moves; but for the other kernels, one pixel may be enlarged by 1.5.
  if (size === count && (kernel === 'linear' || scale === 1 || sampling.alignCorners)) return x
  const { positions, weights } = tapsOf(kernel, sampling)
  const taken = positions.map((at) => take(x, tensor(at), { axis }))
  if (weights.length === 0) return taken[0]!
  const shape = x.shape.map((_, a) => (a === axis ? count : 1))
  return taken.map((part, tap) => part.mul(tensor(weights[tap]!, { shape }))).reduce((a, b) => a.add(b))
}
