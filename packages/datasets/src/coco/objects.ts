import type { Image } from '@badak/images'
import { FormatError } from '@badak/tensor'
import { type Corners, checkBox } from '../published/boxes.ts'
import type { CocoAnnotation, CocoCategory, CocoImage } from './annotations.ts'
import { drawPolygons } from './polygon.ts'
import { decodeRLE, type RLE, runsOf } from './rle.ts'

/** What the annotators noted of an object, besides its class, its box and its mask. */
export interface CocoObject {
  /** Of the annotation. */
  readonly id: number
  /** Of its mask, in pixels: by it, objects are small, medium or large. */
  readonly area: number
  /** A group of objects, with one box and one mask for all: no object to learn from. */
  readonly crowd: boolean
}

/** An object whose class and box have been checked; its mask has not. */
export interface CheckedObject {
  readonly annotation: CocoAnnotation
  readonly label: number
  readonly box: Corners
  readonly notes: CocoObject
}

/** @throws FormatError naming what is wrong */
export function checkObject(
  annotation: CocoAnnotation,
  image: CocoImage,
  categories: readonly CocoCategory[],
  file: string,
): CheckedObject {
  const { id, category_id: category, bbox, area, iscrowd = 0 } = annotation
  const what = `${file}: annotation ${id}`
  const label = categories.findIndex((each) => each.id === category)
  if (label < 0) throw new FormatError(`${what}: unknown category: ${JSON.stringify(category)}`)
  if (!isNumbers(bbox) || bbox.length !== 4)
    throw new FormatError(`${what}: a box is four numbers: ${JSON.stringify(bbox)}`)
  const [x, y, width, height] = bbox as [number, number, number, number]
  const box = checkBox(what, [x, y, x + width, y + height], image)
  if (iscrowd !== 0 && iscrowd !== 1)
    throw new FormatError(`${what}: iscrowd is 0 or 1: ${JSON.stringify(iscrowd)}`)
  if (area !== undefined && !(typeof area === 'number' && area >= 0))
    throw new FormatError(`${what}: an area is a number of pixels: ${JSON.stringify(area)}`)
  return { annotation, label, box, notes: { id, area: area ?? width * height, crowd: iscrowd === 1 } }
}

/** The mask of an object: of polygons, or of runs. @throws FormatError naming what is wrong */
export function maskOf(
  { id, segmentation }: CocoAnnotation,
  { width, height }: CocoImage,
  file: string,
): Image {
  const what = `${file}: annotation ${id}`
  if (Array.isArray(segmentation))
    return decodeRLE(drawPolygons(segmentation as readonly (readonly number[])[], { width, height }, what))
  const { size, counts } = (segmentation ?? {}) as Partial<RLE>
  if (!isNumbers(size) || !(typeof counts === 'string' || isNumbers(counts)))
    throw new FormatError(`${what}: a segmentation is polygons, or size and counts: ${shorten(segmentation)}`)
  if (size[0] !== height || size[1] !== width)
    throw new FormatError(`${what}: its mask is ${size[1]}x${size[0]}, its image ${width}x${height}`)
  return decodeRLE(runsOf({ size: [height, width], counts }, what))
}

/**
 * The points of an object, `[K, 3]`. COCO counts pixels; here, the centre of a pixel is half a pixel from its edge.
 *
 * @throws FormatError naming what is wrong
 */
export function keypointsOf({ id, keypoints }: CocoAnnotation, count: number, file: string): Float32Array {
  const what = `${file}: annotation ${id}`
  if (!isNumbers(keypoints) || keypoints.length !== 3 * count)
    throw new FormatError(
      `${what}: keypoints are x, y and visibility of ${count} points: ${shorten(keypoints)}`,
    )
  const result = new Float32Array(3 * count)
  for (let i = 0; i < keypoints.length; i += 3) {
    const [x, y, visibility] = keypoints.slice(i, i + 3) as [number, number, number]
    if (visibility !== 0 && visibility !== 1 && visibility !== 2)
      throw new FormatError(`${what}: visibility is 0, 1 or 2: ${visibility} (point ${i / 3})`)
    if (visibility > 0) result.set([x + 0.5, y + 0.5, visibility], i)
  }
  return result
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'number' && Number.isFinite(each))
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? 'none'
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
