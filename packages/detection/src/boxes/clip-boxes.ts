import { ShapeError, ValueError, concat, isTensor } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { columnsOf } from './coordinates.ts'
import { countBoxes } from './box-rows.ts'

/** The sides of an image in pixels. */
export type ImageSize = readonly [height: number, width: number]

/**
 * Boxes cut at the edges of an image: x from 0 to its width, y from 0 to its height. What lies outside of it
 * becomes a box without area at its edge.
 *
 * @param boxes `[..., 4]`, rows `x1, y1, x2, y2`, or their numbers on the host
 * @returns the same shape, and the same kind
 * @throws ShapeError when the last axis is not 4
 * @throws ValueError when the size is not two numbers ≥ 0
 */
export function clipBoxes<Boxes extends Tensor | Float32Array>(boxes: Boxes, size: ImageSize): Boxes
export function clipBoxes(boxes: Tensor | Float32Array, size: ImageSize): Tensor | Float32Array {
  const [height, width] = size
  if (!(height >= 0 && width >= 0 && size.length === 2))
    throw new ValueError(`clipBoxes: the size is not [height, width]: [${size.join(', ')}]`)
  if (!isTensor(boxes)) return clipHost(boxes, height, width)
  const limits = [width, height, width, height]
  const clipped = columnsOf('clipBoxes', boxes).map((c, i) => c.clamp({ min: 0, max: limits[i]! }))
  return concat(clipped, { axis: -1 })
}

function clipHost(boxes: Float32Array, height: number, width: number): Float32Array {
  if (boxes.length % 4 !== 0) throw new ShapeError(`clipBoxes: boxes are [N, 4]: ${boxes.length} numbers`)
  return boxes.map((value, i) => Math.min(Math.max(value, 0), i % 2 === 0 ? width : height))
}

/**
 * Which boxes are at least `minSize` wide and high.
 *
 * @param boxes `[N, 4]`, rows `x1, y1, x2, y2`
 * @param minSize in pixels
 * @returns their positions, ascending
 * @throws ShapeError when the boxes are not rows of four
 * @throws ValueError when a coordinate is not finite, or `minSize` is NaN
 */
export function removeSmallBoxes(boxes: Float32Array, minSize: number): Int32Array {
  const count = countBoxes('removeSmallBoxes', boxes)
  if (Number.isNaN(minSize)) throw new ValueError('removeSmallBoxes: minSize is NaN')
  const kept: number[] = []
  for (let row = 0; row < count; row++) {
    // As float32, so that a box of exactly this size stays.
    const width = Math.fround(boxes[4 * row + 2]! - boxes[4 * row]!)
    const height = Math.fround(boxes[4 * row + 3]! - boxes[4 * row + 1]!)
    if (width >= minSize && height >= minSize) kept.push(row)
  }
  return Int32Array.from(kept)
}
