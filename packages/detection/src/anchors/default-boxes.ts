import { ShapeError } from '@badak/tensor'
import type { ImageSize } from '../boxes/clip-boxes.ts'
import { checkPositive, checkSize, joined } from './generate-anchors.ts'

/** Where the default boxes of SSD lie, and in which sizes. */
export interface DefaultBoxOptions {
  /** Height and width of the images in pixels. */
  imageSize: ImageSize
  /** Height and width of each level of features. */
  featureSizes: readonly ImageSize[]
  /** For each level, aspect ratios beside 1; of each a box and its transpose are made. */
  aspectRatios: readonly (readonly number[])[]
  /** Sides as shares of the image: one for each level and one more; default from 0.15 to 0.9 in equal steps, and 1. */
  scales?: readonly number[]
  /** Pixels from one position of each level to the next; default: the image divided by the features. */
  steps?: readonly number[]
}

/**
 * The default boxes of SSD, level after level, as torchvision's `DefaultBoxGenerator` lays them out: at each
 * position a square of the level's scale, one between it and the next level's, and a pair for each aspect ratio.
 *
 * @returns `[N, 4]`, rows `x1, y1, x2, y2` in pixels
 * @throws ShapeError when lists are not of one length for the levels
 * @throws ValueError when a size, scale, step or ratio is not positive
 * @see Liu et al. 2016, arXiv:1512.02325
 */
export function defaultBoxes(options: DefaultBoxOptions): Float32Array {
  const { imageSize, featureSizes, aspectRatios, steps } = options
  const levels = featureSizes.length
  const { scales = defaultScales(levels) } = options
  for (const [what, list, wanted] of [
    ['lists of aspectRatios', aspectRatios, levels],
    ['scales', scales, levels + 1],
    ['steps', steps ?? featureSizes, levels],
  ] as const) {
    if (list.length !== wanted)
      throw new ShapeError(`defaultBoxes: ${list.length} ${what} for ${levels} levels, which take ${wanted}`)
  }
  checkPositive('defaultBoxes', 'scale', scales)
  checkPositive('defaultBoxes', 'step', steps ?? [])
  const [height, width] = checkSize('defaultBoxes', imageSize)
  const parts = featureSizes.map((size, level) => {
    checkPositive('defaultBoxes', 'aspect ratio', aspectRatios[level]!)
    const step = steps?.[level]
    const divisions =
      step === undefined ? checkSize('defaultBoxes', size) : ([height / step, width / step] as const)
    return levelBoxes(
      size,
      divisions,
      sidesOf(scales[level]!, scales[level + 1]!, aspectRatios[level]!),
      imageSize,
    )
  })
  return joined(parts)
}

function defaultScales(levels: number): number[] {
  if (levels === 1) return [0.15, 0.9]
  return [...Array.from({ length: levels }, (_, k) => 0.15 + (0.75 * k) / (levels - 1)), 1]
}

/** Width and height of each box at a position, as shares of the image, none more than 1. */
function sidesOf(scale: number, next: number, ratios: readonly number[]): (readonly [number, number])[] {
  const between = Math.sqrt(scale * next)
  const pairs = ratios.flatMap((ratio): [number, number][] => {
    const root = Math.sqrt(ratio)
    return [
      [scale * root, scale / root],
      [scale / root, scale * root],
    ]
  })
  const all: [number, number][] = [[scale, scale], [between, between], ...pairs]
  return all.map(([width, height]) => [Math.min(width, 1), Math.min(height, 1)])
}

function levelBoxes(
  [rows, columns]: ImageSize,
  [down, across]: ImageSize,
  sides: readonly (readonly [number, number])[],
  [imageHeight, imageWidth]: ImageSize,
): Float32Array {
  const boxes = new Float32Array(rows * columns * sides.length * 4)
  let at = 0
  for (let row = 0; row < rows; row++) {
    const y = (row + 0.5) / down
    for (let column = 0; column < columns; column++) {
      const x = (column + 0.5) / across
      for (const [width, height] of sides) {
        boxes[at++] = (x - width / 2) * imageWidth
        boxes[at++] = (y - height / 2) * imageHeight
        boxes[at++] = (x + width / 2) * imageWidth
        boxes[at++] = (y + height / 2) * imageHeight
      }
    }
  }
  return boxes
}
