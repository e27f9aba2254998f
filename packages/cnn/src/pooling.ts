import { ValueError, avgPool2d, maxPool2d } from '@badak/tensor'
import type { PairLike, Tensor } from '@badak/tensor'
import { Module } from '@badak/layers'
import { checkImages, pair, type Pair } from './size.ts'

/** Sizes of a `MaxPool2d`, beside its window. */
export interface MaxPool2dOptions {
  /** Distance between the windows; default the kernel size, so that they do not overlap. */
  stride?: PairLike
  /** Pixels on each side that never win; at most half of the kernel. Default 0. */
  padding?: PairLike
  /** Distance between the elements of the window; default 1. */
  dilation?: PairLike
  /** Whether a window may begin inside and end outside of the padded image; default false. */
  ceilMode?: boolean
}

/** Sizes of an `AvgPool2d`, beside its window. */
export interface AvgPool2dOptions {
  /** Distance between the windows; default the kernel size, so that they do not overlap. */
  stride?: PairLike
  /** Zeros on each side; at most half of the kernel. Default 0. */
  padding?: PairLike
  /** Whether a window may begin inside and end outside of the padded image; default false. */
  ceilMode?: boolean
  /** Whether the padding counts where the sum is divided; default true. */
  countIncludePad?: boolean
}

/**
 * The largest value of each window.
 *
 * @example
 * ```ts
 * new MaxPool2d(2).forward(zeros([1, 30, 24, 24])).shape // [1, 30, 12, 12]
 * ```
 */
export class MaxPool2d extends Module {
  readonly kernelSize: Pair
  readonly stride: Pair
  readonly padding: Pair
  readonly dilation: Pair
  readonly ceilMode: boolean

  /**
   * @param kernelSize a number, or [height, width]
   * @throws ValueError when a size is out of range
   */
  constructor(kernelSize: PairLike, options: MaxPool2dOptions = {}) {
    super()
    const { stride = kernelSize, padding = 0, dilation = 1, ceilMode = false } = options
    this.kernelSize = pair('MaxPool2d', 'kernelSize', kernelSize, 1)
    this.stride = pair('MaxPool2d', 'stride', stride, 1)
    this.padding = checkPadding('MaxPool2d', pair('MaxPool2d', 'padding', padding, 0), this.kernelSize)
    this.dilation = pair('MaxPool2d', 'dilation', dilation, 1)
    this.ceilMode = ceilMode
  }

  /**
   * @param x `[N, C, H, W]`
   * @returns `[N, C, OH, OW]`, `OH = ⌊(H + 2·padding − dilation·(KH − 1) − 1) / stride⌋ + 1`
   * @throws ShapeError when `x` has another rank, or is smaller than the window
   */
  forward(x: Tensor): Tensor {
    checkImages('MaxPool2d', x)
    const { kernelSize: kernel, stride, padding, dilation, ceilMode } = this
    return maxPool2d(x, { kernel, stride, padding, dilation, ceilMode })
  }

  override toString(): string {
    return `MaxPool2d(${this.kernelSize.join('x')})`
  }
}

/** The mean of each window. */
export class AvgPool2d extends Module {
  readonly kernelSize: Pair
  readonly stride: Pair
  readonly padding: Pair
  readonly ceilMode: boolean
  readonly countIncludePad: boolean

  /**
   * @param kernelSize a number, or [height, width]
   * @throws ValueError when a size is out of range
   */
  constructor(kernelSize: PairLike, options: AvgPool2dOptions = {}) {
    super()
    const { stride = kernelSize, padding = 0, ceilMode = false, countIncludePad = true } = options
    this.kernelSize = pair('AvgPool2d', 'kernelSize', kernelSize, 1)
    this.stride = pair('AvgPool2d', 'stride', stride, 1)
    this.padding = checkPadding('AvgPool2d', pair('AvgPool2d', 'padding', padding, 0), this.kernelSize)
    this.ceilMode = ceilMode
    this.countIncludePad = countIncludePad
  }

  /**
   * @param x `[N, C, H, W]`
   * @returns `[N, C, OH, OW]`, `OH = ⌊(H + 2·padding − KH) / stride⌋ + 1`
   * @throws ShapeError when `x` has another rank, or is smaller than the window
   */
  forward(x: Tensor): Tensor {
    checkImages('AvgPool2d', x)
    const { kernelSize: kernel, stride, padding, ceilMode, countIncludePad } = this
    return avgPool2d(x, { kernel, stride, padding, ceilMode, countIncludePad })
  }

  override toString(): string {
    return `AvgPool2d(${this.kernelSize.join('x')})`
  }
}

/** With more padding than that, a window could lie outside of the image altogether. */
function checkPadding(operation: string, padding: Pair, kernel: Pair): Pair {
  if (padding.every((size, axis) => size <= kernel[axis]! / 2)) return padding
  throw new ValueError(
    `${operation}: padding exceeds half of the kernel: ` +
      `padding ${padding.join('x')}, kernel ${kernel.join('x')}`,
  )
}
