import { ShapeError, ValueError } from '@badak/tensor'
import type { ImageSize } from '../boxes/clip-boxes.ts'

/** Where anchors lie, and in which sizes. */
export interface AnchorOptions {
  /** Height and width of the images in pixels. */
  imageSize: ImageSize
  /** Height and width of each level of features. */
  featureSizes: readonly ImageSize[]
  /** For each level, the roots of the areas of its anchors, in pixels. */
  sizes: readonly (readonly number[])[]
  /** Height divided by width, for all levels or for each; default 0.5, 1, 2. */
  aspectRatios?: readonly number[] | readonly (readonly number[])[]
}

/**
 * Anchors around (0, 0): for each aspect ratio every size, rounded to whole pixels as in torchvision, half to even.
 *
 * @param sizes roots of the areas, in pixels
 * @param aspectRatios height divided by width
 * @returns `[aspectRatios · sizes, 4]`, rows `x1, y1, x2, y2`
 * @throws ValueError when one is not a positive number
 * @see Ren, He, Girshick & Sun 2015, arXiv:1506.01497
 */
export function cellAnchors(sizes: readonly number[], aspectRatios: readonly number[]): Float32Array {
  checkPositive('cellAnchors', 'size', sizes)
  checkPositive('cellAnchors', 'aspect ratio', aspectRatios)
  const rows = aspectRatios.flatMap((ratio) => {
    // In float32 throughout: half a pixel more or less decides the rounding.
    const high = Math.fround(Math.sqrt(Math.fround(ratio)))
    const wide = Math.fround(1 / high)
    return sizes.flatMap((size) => {
      const x = roundHalfToEven(Math.fround(wide * Math.fround(size)) / 2)
      const y = roundHalfToEven(Math.fround(high * Math.fround(size)) / 2)
      return [-x, -y, x, y]
    })
  })
  return Float32Array.from(rows)
}

/**
 * The same anchors at each position of a level of features: rows from the top, positions from the left, and
 * at each all of `anchors`.
 *
 * @param anchors `[A, 4]` around (0, 0)
 * @param size of the features: height and width
 * @param stride pixels from one position to the next, down and to the right
 * @returns `[height · width · A, 4]`
 * @throws ShapeError when the anchors are not rows of four
 * @throws ValueError when a size is not an integer ≥ 0
 */
export function anchorGrid(anchors: Float32Array, size: ImageSize, stride: ImageSize): Float32Array {
  if (anchors.length % 4 !== 0)
    throw new ShapeError(`anchorGrid: anchors are [A, 4]: ${anchors.length} numbers`)
  const [height, width] = checkSize('anchorGrid', size)
  const grid = new Float32Array(height * width * anchors.length)
  let at = 0
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const shift = [column * stride[1], row * stride[0]]
      for (let i = 0; i < anchors.length; i++) grid[at++] = anchors[i]! + shift[i % 2]!
    }
  }
  return grid
}

/**
 * The anchors of all levels of a feature pyramid, level after level, as torchvision's `AnchorGenerator` lays them
 * out. The stride of a level is the size of the image divided by that of its features, rounded down.
 *
 * @returns `[N, 4]`, rows `x1, y1, x2, y2` in pixels
 * @throws ShapeError when there is not one list of sizes, and of aspect ratios, for each level
 * @throws ValueError when a size or ratio is not positive
 * @example
 * ```ts
 * generateAnchors({ imageSize: [64, 64], featureSizes: [[8, 8], [4, 4]], sizes: [[16], [32]] }) // [240, 4]
 * ```
 * @see Lin et al. 2017, "Feature pyramid networks", arXiv:1612.03144
 */
export function generateAnchors(options: AnchorOptions): Float32Array {
  const { imageSize, featureSizes, sizes, aspectRatios = [0.5, 1, 2] } = options
  const [height, width] = checkSize('generateAnchors', imageSize)
  const isNested = Array.isArray(aspectRatios[0])
  const ratios = isNested
    ? (aspectRatios as readonly (readonly number[])[])
    : featureSizes.map(() => aspectRatios as readonly number[])
  for (const [what, list] of [
    ['sizes', sizes],
    ['aspectRatios', ratios],
  ] as const) {
    if (list.length === featureSizes.length) continue
    throw new ShapeError(`generateAnchors: ${list.length} lists of ${what} for ${featureSizes.length} levels`)
  }
  const levels = featureSizes.map((size, level) => {
    const [rows, columns] = checkSize('generateAnchors', size)
    const stride = [Math.floor(height / rows), Math.floor(width / columns)] as const
    return anchorGrid(cellAnchors(sizes[level]!, ratios[level]!), size, stride)
  })
  return joined(levels)
}

/** @internal */
export function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** @internal */
export function checkSize(operation: string, size: ImageSize): ImageSize {
  if (size.length === 2 && size.every((side) => Number.isSafeInteger(side) && side >= 0)) return size
  throw new ValueError(`${operation}: a size is not [height, width]: [${size.join(', ')}]`)
}

/** @internal */
export function checkPositive(operation: string, what: string, values: readonly number[]): void {
  const bad = values.find((value) => !(value > 0 && value < Infinity))
  if (bad !== undefined)
    throw new ValueError(`${operation}: not every ${what} is a positive number: ${String(bad)}`)
}

function roundHalfToEven(value: number): number {
  const rounded = Math.round(value)
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded
}
