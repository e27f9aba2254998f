import { ShapeError, avgPool2d, maxPool2d, take, tensor, where } from '@badak/tensor'
import type { PairLike, Tensor } from '@badak/tensor'
import { Module } from '@badak/layers'
import { checkImages, pair, type Pair } from './size.ts'

/** A size, or `null` for that of the input. */
export type AdaptiveSize = number | null

/** The size of an output image: a number, or [height, width]; `null` leaves a side as it is. */
export type AdaptivePair = PairLike | AdaptiveSize | readonly [height: AdaptiveSize, width: AdaptiveSize]

/** Which elements of an axis fall into each bin of the output. */
interface Bins {
  readonly starts: readonly number[]
  readonly sizes: readonly number[]
}

/** Bins may overlap by an element, and do where the output is larger than the input. */
function binsOf(size: number, count: number): Bins {
  const starts = Array.from({ length: count }, (_, i) => Math.floor((i * size) / count))
  const sizes = starts.map((start, i) => Math.ceil(((i + 1) * size) / count) - start)
  return { starts, sizes }
}

/** `x` as planes `[outer, size, inner]` around one of its axes. */
function aroundAxis(x: Tensor, axis: number): Tensor {
  const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1)
  return x.reshape([product(x.shape.slice(0, axis)), x.shape[axis]!, product(x.shape.slice(axis + 1))])
}

/**
 * The elements of each bin in a row, `[outer, count · largest, inner]`. A bin that is smaller than the
 * largest repeats its last element.
 */
function spreadBins(x: Tensor, { starts, sizes }: Bins, largest: number): Tensor {
  const positions = starts.flatMap((start, bin) =>
    Array.from({ length: largest }, (_, k) => start + Math.min(k, sizes[bin]! - 1)),
  )
  return take(x, tensor(Int32Array.from(positions)), { axis: 1 })
}

/** Pools planes `[outer, size, inner]` to `[outer, count, inner]`. */
type AxisPooling = (planes: Tensor, count: number) => Tensor

const averageBins: AxisPooling = (planes, count) => {
  const [outer, size, inner] = planes.shape as [number, number, number]
  if (size % count === 0) return avgPool2d(planes, { kernel: [size / count, 1] })
  const bins = binsOf(size, count)
  const largest = Math.max(...bins.sizes)
  const spread = spreadBins(planes, bins, largest).reshape([outer, count, largest, inner])
  const counted = bins.sizes.flatMap((bin) => Array.from({ length: largest }, (_, k) => Number(k < bin)))
  const inside = tensor(Uint8Array.from(counted), { shape: [count, largest, 1] }).cast('bool')
  const areas = tensor(Float32Array.from(bins.sizes), { shape: [count, 1] })
  return where(inside, spread, 0).sum({ axis: 2 }).div(areas)
}

const largestOfBins: AxisPooling = (planes, count) => {
  const size = planes.shape[1]!
  if (size % count === 0) return maxPool2d(planes, { kernel: [size / count, 1] })
  const bins = binsOf(size, count)
  const largest = Math.max(...bins.sizes)
  return maxPool2d(spreadBins(planes, bins, largest), { kernel: [largest, 1] })
}

/** The last axes of `x` pooled to `sizes`, the last one first: so the first of equals is the first of its bin. */
function adaptAxes(x: Tensor, sizes: readonly number[], pool: AxisPooling): Tensor {
  return sizes.reduceRight((y, count, k) => {
    const axis = y.rank - sizes.length + k
    return y.shape[axis] === count ? y : pool(aroundAxis(y, axis), count).reshape(y.shape.with(axis, count))
  }, x)
}

/** Both axes at once where the image divides into equal bins. */
function adaptImages(
  x: Tensor,
  [OH, OW]: Pair,
  poolWindows: (x: Tensor, options: { kernel: Pair }) => Tensor,
  poolAxis: AxisPooling,
): Tensor {
  const [H, W] = x.shape.slice(2) as [number, number]
  const equalBins = H % OH === 0 && W % OW === 0 && (H !== OH || W !== OW)
  return equalBins ? poolWindows(x, { kernel: [H / OH, W / OW] }) : adaptAxes(x, [OH, OW], poolAxis)
}

/** One size per axis, `null` replaced by that of the input. @throws ShapeError when an axis is empty */
function sizesFor(operation: string, x: Tensor, wanted: readonly AdaptiveSize[]): number[] {
  const image = x.shape.slice(-wanted.length)
  if (image.includes(0)) throw new ShapeError(`${operation}: the image is empty: [${x.shape.join(',')}]`)
  return wanted.map((size, axis) => size ?? image[axis]!)
}

function adaptivePair(operation: string, size: AdaptivePair): [AdaptiveSize, AdaptiveSize] {
  if (!Array.isArray(size))
    return size === null ? [null, null] : pair(operation, 'outputSize', size as number, 1)
  // What stands for a side that stays is a size in range.
  pair(operation, 'outputSize', size.map((side) => side ?? 1) as [number, number], 1)
  return [...size] as [AdaptiveSize, AdaptiveSize]
}

/** What the adaptive poolings of images share. */
abstract class AdaptivePool2d extends Module {
  readonly outputSize: readonly [height: AdaptiveSize, width: AdaptiveSize]
  readonly #kind: string

  constructor(kind: string, outputSize: AdaptivePair) {
    super()
    this.#kind = kind
    this.outputSize = adaptivePair(kind, outputSize)
  }

  protected sizes(x: Tensor): Pair {
    checkImages(this.#kind, x)
    return sizesFor(this.#kind, x, this.outputSize) as Pair
  }

  override toString(): string {
    return `${this.#kind}(${this.outputSize.map((size) => size ?? 'same').join('x')})`
  }
}

/**
 * The means of as many bins as the output has pixels, whatever the size of the image. Bin i of OH reaches
 * from ⌊i·H / OH⌋ to ⌈(i + 1)·H / OH⌉, as in PyTorch; an output larger than the image repeats pixels.
 *
 * @example
 * ```ts
 * new AdaptiveAvgPool2d(7).forward(zeros([1, 512, 10, 13])).shape // [1, 512, 7, 7]
 * ```
 */
export class AdaptiveAvgPool2d extends AdaptivePool2d {
  /**
   * @param outputSize a number, or [height, width]; `null` leaves a side as it is
   * @throws ValueError when a size is not an integer ≥ 1
   */
  constructor(outputSize: AdaptivePair) {
    super('AdaptiveAvgPool2d', outputSize)
  }

  /**
   * @param x `[N, C, H, W]`
   * @returns `[N, C, OH, OW]`
   * @throws ShapeError when `x` has another rank or no pixels
   */
  forward(x: Tensor): Tensor {
    return adaptImages(x, this.sizes(x), avgPool2d, averageBins)
  }
}

/** The largest values of as many bins as the output has pixels; bins as those of `AdaptiveAvgPool2d`. */
export class AdaptiveMaxPool2d extends AdaptivePool2d {
  /**
   * @param outputSize a number, or [height, width]; `null` leaves a side as it is
   * @throws ValueError when a size is not an integer ≥ 1
   */
  constructor(outputSize: AdaptivePair) {
    super('AdaptiveMaxPool2d', outputSize)
  }

  /**
   * @param x `[N, C, H, W]`
   * @returns `[N, C, OH, OW]`
   * @throws ShapeError when `x` has another rank or no pixels
   */
  forward(x: Tensor): Tensor {
    return adaptImages(x, this.sizes(x), maxPool2d, largestOfBins)
  }
}

/** The mean of each channel: `AdaptiveAvgPool2d(1)`. */
export class GlobalAvgPool2d extends Module {
  /**
   * @param x `[N, C, H, W]`
   * @returns `[N, C, 1, 1]`
   * @throws ShapeError when `x` has another rank or no pixels
   */
  forward(x: Tensor): Tensor {
    checkImages('GlobalAvgPool2d', x)
    sizesFor('GlobalAvgPool2d', x, [1, 1])
    return x.mean({ axis: [2, 3], keepDims: true })
  }

  override toString(): string {
    return 'GlobalAvgPool2d'
  }
}
