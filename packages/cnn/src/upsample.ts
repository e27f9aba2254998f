import type { PairLike, Tensor } from '@badak/tensor'
import { Module } from '@badak/layers'
import { scaledFootprint, type Footprint, type Seeing } from './footprint.ts'
import { checkMode, interpolate, resizedAxes, type InterpolateOptions } from './interpolate.ts'

/**
 * `interpolate` as a layer.
 *
 * @example
 * ```ts
 * new Upsample({ scaleFactor: 2, mode: 'bilinear', alignCorners: true }).forward(zeros([1, 8, 14, 14])).shape // [1, 8, 28, 28]
 * ```
 */
export class Upsample extends Module implements Seeing {
  readonly options: Readonly<InterpolateOptions>

  /**
   * @throws ValueError when neither or both of `size` and `scaleFactor` are given, or the mode is unknown or
   *   knows no corners
   */
  constructor(options: InterpolateOptions) {
    super()
    checkMode('Upsample', options.mode ?? 'nearest', options)
    this.options = { ...options }
  }

  /**
   * @param x `[N, C, L]`, `[N, C, H, W]` or `[N, C, D, H, W]`
   * @returns `[N, C, …size]`
   * @throws ShapeError, ValueError as `interpolate`
   */
  forward(x: Tensor): Tensor {
    return interpolate(x, this.options)
  }

  /** What `receptiveField` asks for. */
  footprint(sizes: readonly number[]): Footprint[] {
    const { mode = 'nearest' } = this.options
    return resizedAxes(sizes, this.options).map(({ size, count }) => {
      if (size === count) return { size: 1, stride: 1, start: 0 }
      const reach = { nearest: 1, 'nearest-exact': 1, bicubic: 4, area: Math.ceil(size / count) }
      return scaledFootprint(size, count, mode in reach ? reach[mode as keyof typeof reach] : 2)
    })
  }

  override toString(): string {
    const { size, scaleFactor, mode = 'nearest' } = this.options
    const how = size === undefined ? `×${[scaleFactor].flat().join('x')}` : [size].flat().join('x')
    return `Upsample(${how}, ${mode})`
  }
}

/** Whether an upsampling of images is given by its size or its scale. */
export type UpsamplingOptions =
  | { size: PairLike; scaleFactor?: never }
  | { size?: never; scaleFactor: PairLike }

/** `Upsample` of images with `mode: 'nearest'`. */
export class UpsamplingNearest2d extends Upsample {
  /** @throws ValueError when neither or both of `size` and `scaleFactor` are given */
  constructor(options: UpsamplingOptions) {
    super({ ...options, mode: 'nearest' })
  }
}

/** `Upsample` of images with `mode: 'bilinear'` and `alignCorners`, as PyTorch has it. */
export class UpsamplingBilinear2d extends Upsample {
  /** @throws ValueError when neither or both of `size` and `scaleFactor` are given */
  constructor(options: UpsamplingOptions) {
    super({ ...options, mode: 'bilinear', alignCorners: true })
  }
}
