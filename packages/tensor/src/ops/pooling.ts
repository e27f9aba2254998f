import { ShapeError, ValueError } from '../errors.ts'
import { build } from '../graph/build.ts'
import type { WindowGeometry } from '../graph/geometry.ts'
import { wrap } from '../graph/handle.ts'
import { windowNode } from '../graph/image-nodes.ts'
import type { Node } from '../graph/node.ts'
import { bringImageKernels } from '../image-kernels.ts'
import { pair, type PairLike, type Shape, show, sizeOf } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { div } from './arithmetic.ts'
import {
  arithmeticType,
  castNode,
  constantNode,
  floatType,
  nodeOf,
  reshapeNode,
  type TensorLike,
} from './operand.ts'

/** Sizes of a two-dimensional pooling window; a pair is `[height, width]`. */
export interface MaxPool2dOptions {
  readonly kernel: PairLike
  /** How far the window moves; default: its own size. */
  readonly stride?: PairLike
  /** How far windows reach over the edge, in pixels, at most half the kernel; default 0. */
  readonly padding?: PairLike
  /** Distance between the elements of a window; default 1. */
  readonly dilation?: PairLike
  /** Whether a last window that does not fit is used, too, as far as it begins inside; default `false`. */
  readonly ceilMode?: boolean
}

/** What a maximum was, and where. */
export interface MaxPooled {
  readonly values: Tensor
  /** int32, in the shape of `values`: positions in the flattened plane, as PyTorch counts them. */
  readonly indices: Tensor
}

/** Sizes of a two-dimensional averaging window. */
export interface AvgPool2dOptions {
  readonly kernel: PairLike
  readonly stride?: PairLike
  readonly padding?: PairLike
  readonly ceilMode?: boolean
  /** Whether padding counts as zeros in the average; default `true`. */
  readonly countIncludePad?: boolean
  /** What sums are divided by in place of the size of the window. */
  readonly divisorOverride?: number
}

/** Sizes of a one-dimensional pooling window, as those of `MaxPool2dOptions`. */
export interface MaxPool1dOptions {
  readonly kernel: number
  readonly stride?: number
  readonly padding?: number
  readonly dilation?: number
  readonly ceilMode?: boolean
}

/** Sizes of a one-dimensional averaging window, as those of `AvgPool2dOptions`. */
export interface AvgPool1dOptions {
  readonly kernel: number
  readonly stride?: number
  readonly padding?: number
  readonly ceilMode?: boolean
  readonly countIncludePad?: boolean
}

/**
 * The greatest element of each window; padding never takes part. Of equal elements the first gets the
 * gradient.
 *
 * @param x `[…, H, W]`
 * @returns `[…, OH, OW]`, `OH = ⌊(H + 2·padding − dilation·(KH − 1) − 1) / stride⌋ + 1`, rounded up for
 *   `ceilMode`
 * @throws ShapeError when the rank is below 2, or the window exceeds the padded plane
 * @throws ValueError when a size is no integer in its range, or the padding exceeds half the kernel
 * @example
 * ```ts
 * maxPool2d(randomNormal([8, 16, 28, 28]), { kernel: 2 }).shape // [8, 16, 14, 14]
 * ```
 */
export function maxPool2d(x: TensorLike, options: MaxPool2dOptions & { returnIndices: true }): MaxPooled
export function maxPool2d(x: TensorLike, options: MaxPool2dOptions & { returnIndices?: false }): Tensor
export function maxPool2d(
  x: TensorLike,
  options: MaxPool2dOptions & { returnIndices?: boolean },
): Tensor | MaxPooled {
  const node = nodeOf('maxPool2d', x)
  const { values, indices } = maxPool('maxPool2d', castNode(node, arithmeticType(node.dtype)), options)
  return options.returnIndices ? { values: wrap(values), indices: wrap(indices()) } : wrap(values)
}

/** The greatest element of each window along the last axis: `[…, L]` to `[…, OL]`. @throws as `maxPool2d` */
export function maxPool1d(x: TensorLike, options: MaxPool1dOptions & { returnIndices: true }): MaxPooled
export function maxPool1d(x: TensorLike, options: MaxPool1dOptions & { returnIndices?: false }): Tensor
export function maxPool1d(
  x: TensorLike,
  options: MaxPool1dOptions & { returnIndices?: boolean },
): Tensor | MaxPooled {
  const node = asImage('maxPool1d', nodeOf('maxPool1d', x))
  const { kernel, stride = kernel, padding = 0, dilation = 1, ceilMode } = options
  const flat = {
    kernel: [1, kernel],
    stride: [1, stride],
    padding: [0, padding],
    dilation: [1, dilation],
  } as const
  const sizes = ceilMode === undefined ? flat : { ...flat, ceilMode }
  const { values, indices } = maxPool('maxPool1d', castNode(node, arithmeticType(node.dtype)), sizes)
  const row = wrap(asRow(values))
  return options.returnIndices ? { values: row, indices: wrap(asRow(indices())) } : row
}

/**
 * The mean of each window.
 *
 * @param x `[…, H, W]`
 * @returns `[…, OH, OW]`, sizes as for `maxPool2d`; float32 for integers
 * @throws ShapeError when the rank is below 2, or the window exceeds the padded plane
 * @throws ValueError when a size is no integer in its range, or the padding exceeds half the kernel
 */
export function avgPool2d(x: TensorLike, options: AvgPool2dOptions): Tensor {
  const node = nodeOf('avgPool2d', x)
  return wrap(avgPool('avgPool2d', castNode(node, floatType(node.dtype)), options))
}

/** The mean of each window along the last axis: `[…, L]` to `[…, OL]`. @throws as `avgPool2d` */
export function avgPool1d(x: TensorLike, options: AvgPool1dOptions): Tensor {
  const node = asImage('avgPool1d', nodeOf('avgPool1d', x))
  const { kernel, stride = kernel, padding = 0, ceilMode = false, countIncludePad = true } = options
  const sizes = {
    kernel: [1, kernel],
    stride: [1, stride],
    padding: [0, padding],
    ceilMode,
    countIncludePad,
  } as const
  return wrap(asRow(avgPool('avgPool1d', castNode(node, floatType(node.dtype)), sizes)))
}

/** `[…, L]` as planes of one row. */
function asImage(operation: string, x: Node): Node {
  if (x.shape.length < 1) throw new ShapeError(`${operation}: input must have rank ≥ 1: ${show(x.shape)}`)
  return reshapeNode(x, x.shape.toSpliced(-1, 0, 1))
}

function asRow(x: Node): Node {
  return reshapeNode(x, x.shape.toSpliced(-2, 1))
}

/** The greatest elements, and where they are, for those who ask. Errors show the shape `shown`. */
export function maxPool(
  operation: string,
  x: Node,
  options: MaxPool2dOptions,
  shown: Shape = x.shape,
): { values: Node; indices: () => Node } {
  bringImageKernels()
  const geometry = geometryOf(operation, x, options, shown)
  return { values: windowNode('max', geometry, x), indices: () => windowNode('argmax', geometry, x) }
}

export function avgPool(operation: string, x: Node, options: AvgPool2dOptions, shown: Shape = x.shape): Node {
  bringImageKernels()
  const geometry = geometryOf(operation, x, options, shown)
  const { divisorOverride: divisor } = options
  if (divisor !== undefined) {
    if (!Number.isFinite(divisor) || divisor === 0)
      throw new ValueError(`${operation}: divisorOverride must be a number other than 0: ${String(divisor)}`)
    return div(wrap(windowNode('sum', geometry, x)), divisor).node
  }
  const [bottom, right] = pair(operation, 'padding', options.padding ?? 0, 0)
  const padded = options.countIncludePad ?? true
  const heights = covered(windowRows(geometry), geometry.inputHeight, padded ? bottom : 0, padded)
  const widths = covered(windowColumns(geometry), geometry.inputWidth, padded ? right : 0, padded)
  return div(wrap(windowNode('sum', geometry, x)), wrap(areas(heights, widths, x))).node
}

/**
 * How many positions of `[−padding, size + padding)` each window covers; without padding, those of
 * `[0, size)`.
 */
function covered(w: Window, size: number, padding: number, padded: boolean): number[] {
  return Array.from({ length: w.count }, (_, o) => {
    const start = o * w.stride - w.padding
    return Math.min(start + w.kernel, size + padding) - (padded ? start : Math.max(start, 0))
  })
}

/** The area of each window: one number where all are equal. */
function areas(heights: readonly number[], widths: readonly number[], like: Node): Node {
  const area = (heights[0] ?? 1) * (widths[0] ?? 1)
  const uniform = heights.every((h) => h === heights[0]) && widths.every((w) => w === widths[0])
  if (uniform) return constantNode(area, [], like.dtype)
  const data = Float32Array.from(heights.flatMap((h) => widths.map((w) => h * w)))
  return build({ kind: 'host', data }, [], [heights.length, widths.length], 'float32')
}

/** One axis of a window. */
interface Window {
  readonly size: number
  readonly kernel: number
  readonly stride: number
  readonly padding: number
  readonly dilation: number
  readonly count: number
}

function windowRows(g: WindowGeometry): Window {
  return {
    size: g.inputHeight,
    kernel: g.kernelHeight,
    stride: g.strideHeight,
    padding: g.paddingTop,
    dilation: g.dilationHeight,
    count: g.outputHeight,
  }
}

function windowColumns(g: WindowGeometry): Window {
  return {
    size: g.inputWidth,
    kernel: g.kernelWidth,
    stride: g.strideWidth,
    padding: g.paddingLeft,
    dilation: g.dilationWidth,
    count: g.outputWidth,
  }
}

function geometryOf(operation: string, x: Node, options: MaxPool2dOptions, shown: Shape): WindowGeometry {
  if (x.shape.length < 2) throw new ShapeError(`${operation}: input must have rank ≥ 2: ${show(x.shape)}`)
  if (options?.kernel === undefined) throw new ValueError(`${operation}: no kernel size is given`)
  const [inputHeight, inputWidth] = x.shape.slice(-2) as [number, number]
  const [kernelHeight, kernelWidth] = pair(operation, 'kernel', options.kernel, 1)
  const [strideHeight, strideWidth] = pair(operation, 'stride', options.stride ?? options.kernel, 1)
  const [paddingTop, paddingLeft] = pair(operation, 'padding', options.padding ?? 0, 0)
  const [dilationHeight, dilationWidth] = pair(operation, 'dilation', options.dilation ?? 1, 1)
  const geometry = {
    planes: sizeOf(x.shape.slice(0, -2)),
    inputHeight,
    inputWidth,
    kernelHeight,
    kernelWidth,
    outputHeight: 0,
    outputWidth: 0,
    strideHeight,
    strideWidth,
    dilationHeight,
    dilationWidth,
    paddingTop,
    paddingLeft,
  }
  const ceil = options.ceilMode ?? false
  return {
    ...geometry,
    outputHeight: windowCount(operation, windowRows(geometry), ceil, shown),
    outputWidth: windowCount(operation, windowColumns(geometry), ceil, shown),
  }
}

/** How many windows an axis has. @throws when one of them would hold nothing */
function windowCount(operation: string, w: Window, ceil: boolean, shown: Shape): number {
  if (w.padding > w.kernel / 2) {
    throw new ValueError(
      `${operation}: padding exceeds half the kernel: ${w.padding} for a kernel of ${w.kernel}`,
    )
  }
  const extent = w.dilation * (w.kernel - 1) + 1
  const room = w.size + 2 * w.padding - extent
  const count = (ceil ? Math.ceil(room / w.stride) : Math.floor(room / w.stride)) + 1
  if (count < 1 || w.size === 0) {
    throw new ShapeError(
      `${operation}: the window exceeds the padded input: ${extent} over ${w.size + 2 * w.padding}: ` +
        `input ${show(shown)}`,
    )
  }
  // A window that begins beyond the input and its leading padding is none.
  const used = ceil && (count - 1) * w.stride >= w.size + w.padding ? count - 1 : count
  if (w.padding > 0 && w.dilation > 1) checkOccupied(operation, { ...w, count: used }, shown)
  return used
}

/** Between the taps of a dilated window a whole narrow input can hide. */
function checkOccupied(operation: string, w: Window, shown: Shape): void {
  for (let o = 0; o < w.count; o++) {
    const start = o * w.stride - w.padding
    const tap = start < 0 ? start + w.dilation * Math.ceil(-start / w.dilation) : start
    if (tap < w.size && tap <= start + w.dilation * (w.kernel - 1)) continue
    throw new ShapeError(`${operation}: window ${o} lies in the padding alone: input ${show(shown)}`)
  }
}
