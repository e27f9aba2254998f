import type { MaxPooled, PairLike, Tensor, TripleLike } from '@badak/tensor'
import { Module } from '@badak/layers'
import {
  adaptiveAverage,
  adaptiveMaximum,
  adaptiveMaximumWithIndices,
  binsOf,
  type AdaptiveSize,
} from './adaptive-pooling.ts'
import type { Footprint, Seeing } from './footprint.ts'
import type { MaxPoolOutput } from './max-pooling.ts'
import { checkRank, one, pair, triple, type SizeReader } from './size.ts'

/** The size of an output image: a number, or [height, width]; `null` leaves a side as it is. */
export type AdaptivePair = PairLike | AdaptiveSize | readonly [height: AdaptiveSize, width: AdaptiveSize]

/** The size of an output volume: a number, or [depth, height, width]; `null` leaves a side as it is. */
export type AdaptiveTriple =
  | TripleLike
  | AdaptiveSize
  | readonly [depth: AdaptiveSize, height: AdaptiveSize, width: AdaptiveSize]

/** Whether `forward` of an adaptive max-pooling says where the largest values were, too; default false. */
export interface AdaptiveMaxPoolOptions<Indices extends boolean = boolean> {
  returnIndices?: Indices
}

/** What the adaptive poolings share. */
abstract class AdaptivePool extends Module implements Seeing {
  readonly outputSize: readonly AdaptiveSize[]
  protected readonly kind: string

  constructor(
    kind: string,
    size: AdaptiveSize | readonly AdaptiveSize[],
    axes: number,
    read: SizeReader<readonly number[], never>,
  ) {
    super()
    this.kind = kind
    // A side that stays is checked as 1, which is in range.
    const checked = Array.isArray(size) ? size.map((side: AdaptiveSize) => side ?? 1) : (size ?? 1)
    read(kind, 'outputSize', checked as never, 1)
    this.outputSize = Array.isArray(size)
      ? [...(size as AdaptiveSize[])]
      : Array.from({ length: axes }, () => size as AdaptiveSize)
  }

  protected check(x: Tensor): void {
    checkRank(this.kind, x, 2 + this.outputSize.length)
  }

  /** What `receptiveField` asks for: of bins that differ, the largest. */
  footprint(sizes: readonly number[]): Footprint[] {
    return sizes.map((size, axis) => {
      const count = this.outputSize[axis] ?? size
      return { size: binsOf(size, count).largest, stride: size / count, start: 0 }
    })
  }

  override toString(): string {
    return `${this.kind}(${this.outputSize.map((size) => size ?? 'same').join('x')})`
  }
}

abstract class AdaptiveAvgPool extends AdaptivePool {
  /**
   * @param x `[N, C, …]`
   * @returns `[N, C, …outputSize]`
   * @throws ShapeError when `x` has another rank or an empty axis
   */
  forward(x: Tensor): Tensor {
    this.check(x)
    return adaptiveAverage(this.kind, x, this.outputSize)
  }
}

abstract class AdaptiveMaxPool<Indices extends boolean> extends AdaptivePool {
  readonly returnIndices: Indices

  constructor(
    kind: string,
    size: AdaptiveSize | readonly AdaptiveSize[],
    axes: number,
    read: SizeReader<readonly number[], never>,
    { returnIndices }: AdaptiveMaxPoolOptions<Indices>,
  ) {
    super(kind, size, axes, read)
    this.returnIndices = (returnIndices ?? false) as Indices
  }

  /**
   * @param x `[N, C, …]`
   * @returns `[N, C, …outputSize]`; indices are positions in the flattened sequence, image or volume
   * @throws ShapeError when `x` has another rank or an empty axis
   */
  forward(x: Tensor): MaxPoolOutput<Indices> {
    this.check(x)
    const pooled: Tensor | MaxPooled = this.returnIndices
      ? adaptiveMaximumWithIndices(this.kind, x, this.outputSize)
      : adaptiveMaximum(this.kind, x, this.outputSize)
    return pooled as MaxPoolOutput<Indices>
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
export class AdaptiveAvgPool2d extends AdaptiveAvgPool {
  /**
   * @param outputSize a number, or [height, width]; `null` leaves a side as it is
   * @throws ValueError when a size is not an integer ≥ 1
   */
  constructor(outputSize: AdaptivePair) {
    super('AdaptiveAvgPool2d', outputSize, 2, pair)
  }
}

/** `AdaptiveAvgPool2d` of sequences. */
export class AdaptiveAvgPool1d extends AdaptiveAvgPool {
  /** @throws ValueError when the size is not an integer ≥ 1 */
  constructor(outputSize: number) {
    super('AdaptiveAvgPool1d', outputSize, 1, one)
  }
}

/** `AdaptiveAvgPool2d` of volumes. */
export class AdaptiveAvgPool3d extends AdaptiveAvgPool {
  /**
   * @param outputSize a number, or [depth, height, width]; `null` leaves a side as it is
   * @throws ValueError when a size is not an integer ≥ 1
   */
  constructor(outputSize: AdaptiveTriple) {
    super('AdaptiveAvgPool3d', outputSize, 3, triple)
  }
}

/** The largest values of as many bins as the output has pixels; bins as those of `AdaptiveAvgPool2d`. */
export class AdaptiveMaxPool2d<Indices extends boolean = false> extends AdaptiveMaxPool<Indices> {
  /**
   * @param outputSize a number, or [height, width]; `null` leaves a side as it is
   * @throws ValueError when a size is not an integer ≥ 1
   */
  constructor(outputSize: AdaptivePair, options: AdaptiveMaxPoolOptions<Indices> = {}) {
    super('AdaptiveMaxPool2d', outputSize, 2, pair, options)
  }
}

/** `AdaptiveMaxPool2d` of sequences. */
export class AdaptiveMaxPool1d<Indices extends boolean = false> extends AdaptiveMaxPool<Indices> {
  /** @throws ValueError when the size is not an integer ≥ 1 */
  constructor(outputSize: number, options: AdaptiveMaxPoolOptions<Indices> = {}) {
    super('AdaptiveMaxPool1d', outputSize, 1, one, options)
  }
}

/** `AdaptiveMaxPool2d` of volumes. */
export class AdaptiveMaxPool3d<Indices extends boolean = false> extends AdaptiveMaxPool<Indices> {
  /**
   * @param outputSize a number, or [depth, height, width]; `null` leaves a side as it is
   * @throws ValueError when a size is not an integer ≥ 1
   */
  constructor(outputSize: AdaptiveTriple, options: AdaptiveMaxPoolOptions<Indices> = {}) {
    super('AdaptiveMaxPool3d', outputSize, 3, triple, options)
  }
}

/** The mean of each channel of images: `AdaptiveAvgPool2d(1)`. */
export class GlobalAvgPool2d extends AdaptiveAvgPool {
  constructor() {
    super('GlobalAvgPool2d', 1, 2, pair)
  }

  /** What a summary calls the module. */
  override toString(): string {
    return this.kind
  }
}

/** The largest value of each channel of images: `AdaptiveMaxPool2d(1)`. */
export class GlobalMaxPool2d extends AdaptiveMaxPool<false> {
  constructor() {
    super('GlobalMaxPool2d', 1, 2, pair, {})
  }

  /** What a summary calls the module. */
  override toString(): string {
    return this.kind
  }
}
