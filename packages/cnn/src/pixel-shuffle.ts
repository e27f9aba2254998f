import { ShapeError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Module } from '@badak/layers'
import { scaledFootprint, type Footprint, type Seeing } from './footprint.ts'
import { checkRank, single } from './size.ts'

/**
 * Channels as pixels: of r² channels, one image that is r times as high and wide.
 *
 * @param x `[N, C·r², H, W]`
 * @param upscaleFactor r
 * @returns `[N, C, H·r, W·r]`
 * @throws ShapeError when `x` has another rank, or r² does not divide its channels
 * @throws ValueError when r is not an integer ≥ 1
 * @see Shi et al. 2016, arXiv:1609.05158
 */
export function pixelShuffle(x: Tensor, upscaleFactor: number): Tensor {
  const r = single('pixelShuffle', 'upscaleFactor', upscaleFactor, 1)
  checkRank('pixelShuffle', x, 4)
  const [N, channels, H, W] = x.shape as [number, number, number, number]
  if (channels % r ** 2 !== 0)
    throw new ShapeError(`pixelShuffle: ${channels} channels do not divide by ${r}²: [${x.shape.join(',')}]`)
  const C = channels / r ** 2
  return x
    .reshape([N, C, r, r, H, W])
    .permute([0, 1, 4, 2, 5, 3])
    .reshape([N, C, H * r, W * r])
}

/**
 * Pixels as channels: undoes `pixelShuffle`.
 *
 * @param x `[N, C, H·r, W·r]`
 * @param downscaleFactor r
 * @returns `[N, C·r², H, W]`
 * @throws ShapeError when `x` has another rank, or r does not divide its height and width
 * @throws ValueError when r is not an integer ≥ 1
 */
export function pixelUnshuffle(x: Tensor, downscaleFactor: number): Tensor {
  const r = single('pixelUnshuffle', 'downscaleFactor', downscaleFactor, 1)
  checkRank('pixelUnshuffle', x, 4)
  const [N, C, height, width] = x.shape as [number, number, number, number]
  if (height % r !== 0 || width % r !== 0)
    throw new ShapeError(`pixelUnshuffle: height and width do not divide by ${r}: [${x.shape.join(',')}]`)
  const [H, W] = [height / r, width / r]
  return x
    .reshape([N, C, H, r, W, r])
    .permute([0, 1, 3, 5, 2, 4])
    .reshape([N, C * r ** 2, H, W])
}

/** `pixelShuffle` as a layer: the last one of networks that enlarge images. */
export class PixelShuffle extends Module implements Seeing {
  readonly upscaleFactor: number

  /** @throws ValueError when the factor is not an integer ≥ 1 */
  constructor(upscaleFactor: number) {
    super()
    this.upscaleFactor = single('PixelShuffle', 'upscaleFactor', upscaleFactor, 1)
  }

  /**
   * @param x `[N, C·r², H, W]`
   * @returns `[N, C, H·r, W·r]`
   * @throws ShapeError when `x` has another rank, or r² does not divide its channels
   */
  forward(x: Tensor): Tensor {
    return pixelShuffle(x, this.upscaleFactor)
  }

  /** What `receptiveField` asks for. */
  footprint(sizes: readonly number[]): Footprint[] {
    return sizes.map((size) => scaledFootprint(size, size * this.upscaleFactor, 1))
  }

  override toString(): string {
    return `PixelShuffle(${this.upscaleFactor})`
  }
}

/** `pixelUnshuffle` as a layer. */
export class PixelUnshuffle extends Module implements Seeing {
  readonly downscaleFactor: number

  /** @throws ValueError when the factor is not an integer ≥ 1 */
  constructor(downscaleFactor: number) {
    super()
    this.downscaleFactor = single('PixelUnshuffle', 'downscaleFactor', downscaleFactor, 1)
  }

  /**
   * @param x `[N, C, H·r, W·r]`
   * @returns `[N, C·r², H, W]`
   * @throws ShapeError when `x` has another rank, or r does not divide its height and width
   */
  forward(x: Tensor): Tensor {
    return pixelUnshuffle(x, this.downscaleFactor)
  }

  /** What `receptiveField` asks for. */
  footprint(sizes: readonly number[]): Footprint[] {
    return sizes.map(() => ({ size: this.downscaleFactor, stride: this.downscaleFactor, start: 0 }))
  }

  override toString(): string {
    return `PixelUnshuffle(${this.downscaleFactor})`
  }
}
