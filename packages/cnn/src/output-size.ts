import { ShapeError, ValueError } from '@badak/tensor'
import { single } from './size.ts'

/** A window that slides over an image; sizes are a number for all axes, or one per axis. */
export interface SlidingWindow {
  /** Size of the window. */
  kernel: number | readonly number[]
  /** Distance between the windows; default 1. */
  stride?: number | readonly number[]
  /** Pixels on each side; `same` for as many as keep the size, `valid` for none. Default 0. */
  padding?: number | readonly number[] | 'same' | 'valid'
  /** Distance between the elements of the window; default 1. */
  dilation?: number | readonly number[]
  /** Whether a last window may end outside, as far as it begins inside, as in pooling; default false. */
  ceilMode?: boolean
  /** Whether the window puts into a larger image what a convolution reads from it; default false. */
  transposed?: boolean
  /** Pixels added after the result of a transposed convolution; default 0. */
  outputPadding?: number | readonly number[]
}

/**
 * The size of what a convolution or a pooling gives: `⌊(size + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1`,
 * for a transposed one `(size − 1)·stride − 2·padding + dilation·(kernel − 1) + outputPadding + 1`.
 *
 * @param input one size, or one per axis
 * @returns a number for a number, a list for a list
 * @throws ShapeError when no window fits
 * @throws ValueError when a size is out of range, or there is not one per axis
 * @example
 * ```ts
 * outputSize(224, { kernel: 7, stride: 2, padding: 3 }) // 112
 * outputSize([14, 14], { kernel: 4, stride: 2, padding: 1, transposed: true }) // [28, 28]
 * ```
 * @see Dumoulin & Visin 2016, arXiv:1603.07285
 */
export function outputSize(input: number, window: SlidingWindow): number
export function outputSize(input: readonly number[], window: SlidingWindow): number[]
export function outputSize(input: number | readonly number[], window: SlidingWindow): number | number[] {
  const sizes = typeof input === 'number' ? [input] : input
  const axes = windowAxes('outputSize', sizes.length, window)
  const results = sizes.map((size, axis) => {
    single('outputSize', 'a size', size, 0)
    const result = windowCount(size, axes[axis]!, window)
    if (result >= 1) return result
    throw new ShapeError(`outputSize: nothing is left of a size of ${size}: ${JSON.stringify(window)}`)
  })
  return typeof input === 'number' ? results[0]! : results
}

/** A window along one axis. */
export interface WindowAxis {
  readonly kernel: number
  readonly stride: number
  readonly dilation: number
  readonly before: number
  readonly after: number
  readonly outputPadding: number
}

/** @throws ValueError when a size is out of range, or there is not one per axis */
export function windowAxes(operation: string, axes: number, window: SlidingWindow): WindowAxis[] {
  const read = (what: string, size: number | readonly number[], least: number): number[] => {
    const sizes = typeof size === 'number' ? Array<number>(axes).fill(size) : size
    if (!Array.isArray(sizes) || sizes.length !== axes)
      throw new ValueError(
        `${operation}: ${what} has not one size for each of ${axes} axes: ${JSON.stringify(size)}`,
      )
    return sizes.map((side: number) => single(operation, what, side, least))
  }
  const { padding = 0 } = window
  const kernel = read('kernel', window.kernel, 1)
  const stride = read('stride', window.stride ?? 1, 1)
  const dilation = read('dilation', window.dilation ?? 1, 1)
  const outputPadding = read('outputPadding', window.outputPadding ?? 0, 0)
  const extents = kernel.map((size, axis) => dilation[axis]! * (size - 1))
  const named = { same: extents, valid: extents.map(() => 0) }
  if (typeof padding === 'string' && !(padding in named))
    throw new ValueError(
      `${operation}: unknown padding ${JSON.stringify(padding)}: expected a number, 'same' or 'valid'`,
    )
  if (padding === 'same' && stride.some((step) => step !== 1))
    throw new ValueError(`${operation}: padding 'same' needs stride 1: stride ${stride.join('x')}`)
  const around =
    typeof padding === 'string' ? named[padding] : read('padding', padding, 0).map((size) => 2 * size)
  return kernel.map((size, axis) => ({
    kernel: size,
    stride: stride[axis]!,
    dilation: dilation[axis]!,
    before: Math.floor(around[axis]! / 2),
    after: Math.ceil(around[axis]! / 2),
    outputPadding: outputPadding[axis]!,
  }))
}

/** How many elements a window gives along an axis; 0 where none fits. */
export function windowCount(
  size: number,
  axis: WindowAxis,
  { ceilMode = false, transposed = false }: Pick<SlidingWindow, 'ceilMode' | 'transposed'> = {},
): number {
  const { kernel, stride, dilation, before, after, outputPadding } = axis
  const extent = dilation * (kernel - 1) + 1
  if (transposed) return (size - 1) * stride + extent - before - after + outputPadding
  const room = size + before + after - extent
  if (room < 0) return 0
  const count = (ceilMode ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1
  // A window that begins beyond the input and its leading padding is none.
  return ceilMode && (count - 1) * stride >= size + before ? count - 1 : count
}
