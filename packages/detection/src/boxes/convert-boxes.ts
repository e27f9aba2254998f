import { ShapeError, ValueError, concat, isTensor } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { columnsOf } from './coordinates.ts'

/**
 * What four numbers of a box mean: two corners; the upper left corner, width and height; or the centre, width
 * and height.
 */
export type BoxFormat = 'xyxy' | 'xywh' | 'cxcywh'

/** How many lengths lie between the point that a format names and the upper left corner. */
const shares: Record<BoxFormat, number> = { xyxy: 0, xywh: 0, cxcywh: 0.5 }

/**
 * Boxes in another format: corners (`xyxy`), corner and size (`xywh`, as in COCO's files), centre and size
 * (`cxcywh`, as in YOLO's).
 *
 * @param boxes `[..., 4]`, or their numbers on the host
 * @returns the same shape, and the same kind
 * @throws ShapeError when the last axis is not 4
 * @throws ValueError when there is no such format
 * @example
 * ```ts
 * convertBoxes(Float32Array.of(10, 20, 30, 40), 'xywh', 'xyxy') // 10, 20, 40, 60
 * ```
 */
export function convertBoxes<Boxes extends Tensor | Float32Array>(
  boxes: Boxes,
  from: BoxFormat,
  to: BoxFormat,
): Boxes
export function convertBoxes(
  boxes: Tensor | Float32Array,
  from: BoxFormat,
  to: BoxFormat,
): Tensor | Float32Array {
  for (const format of [from, to]) {
    if (!Object.hasOwn(shares, format))
      throw new ValueError(`convertBoxes: the format is not xyxy, xywh or cxcywh: ${format}`)
  }
  return isTensor(boxes) ? convertTensor(boxes, from, to) : convertHost(boxes, from, to)
}

function convertTensor(boxes: Tensor, from: BoxFormat, to: BoxFormat): Tensor {
  const [a, b, c, d] = columnsOf('convertBoxes', boxes)
  if (from === to) return boxes
  const [width, height] = from === 'xyxy' ? [c.sub(a), d.sub(b)] : [c, d]
  const shift = shares[to] - shares[from]
  const x = shift === 0 ? a : a.add(width.mul(shift))
  const y = shift === 0 ? b : b.add(height.mul(shift))
  const ends = to === 'xyxy' ? [x.add(width), y.add(height)] : [width, height]
  return concat([x, y, ...ends], { axis: -1 })
}

function convertHost(boxes: Float32Array, from: BoxFormat, to: BoxFormat): Float32Array {
  if (boxes.length % 4 !== 0) throw new ShapeError(`convertBoxes: boxes are [N, 4]: ${boxes.length} numbers`)
  const converted = boxes.slice()
  if (from === to) return converted
  const shift = shares[to] - shares[from]
  for (let i = 0; i < boxes.length; i++) {
    if (i % 4 >= 2) continue
    const start = boxes[i]!
    const length = from === 'xyxy' ? boxes[i + 2]! - start : boxes[i + 2]!
    converted[i] = start + shift * length
    converted[i + 2] = to === 'xyxy' ? converted[i]! + length : length
  }
  return converted
}
