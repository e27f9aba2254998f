import type { Image } from '@badak/images'
import { type Homography, mapPoint } from './homography.ts'
import type { BoxFields } from './sample.ts'

/** Which boxes remain after a transform. */
export interface BoxOptions {
  /** Boxes narrower or lower than this, in pixels, are dropped with all that belongs to them; default 1. */
  readonly minBoxSize?: number
  /** So are boxes of which less than this part of their area is left in the image; default 0. */
  readonly minVisible?: number
}

/** The size of what is drawn. */
interface Size {
  readonly width: number
  readonly height: number
}

/**
 * Boxes and points where `map` takes them. A box becomes the smallest one about its four corners, cut at the
 * border; a point outside is no longer there.
 *
 * @param fields
 * @param map from the old image to the new one
 * @param size of the new image
 * @param mapInstance draws the mask of one box anew
 * @param options
 */
export function mapBoxFields(
  { boxes, labels, instances, keypoints, objects }: BoxFields,
  map: Homography,
  size: Size,
  mapInstance: (mask: Image) => Image,
  options: BoxOptions,
): BoxFields {
  const points = keypoints && mapKeypoints(keypoints, map, size)
  if (boxes === undefined) {
    return {
      ...(instances && { instances: instances.map(mapInstance) }),
      ...(points && { keypoints: points }),
    }
  }
  const mapped = mapBoxes(boxes, map, size, options)
  const { kept } = mapped
  const each = boxes.length === 0 ? 0 : (points?.length ?? 0) / (boxes.length / 4)
  return {
    boxes: mapped.boxes,
    ...(labels && { labels: Int32Array.from(kept, (i) => labels[i]!) }),
    ...(instances && { instances: kept.map((i) => mapInstance(instances[i]!)) }),
    ...(points && { keypoints: gatherRows(points, kept, each) }),
    ...(objects && { objects: kept.map((i) => objects[i]) }),
  }
}

function gatherRows(values: Float32Array, rows: readonly number[], size: number): Float32Array {
  const result = new Float32Array(rows.length * size)
  for (const [at, row] of rows.entries()) result.set(values.subarray(row * size, (row + 1) * size), at * size)
  return result
}

function mapBoxes(
  boxes: Float32Array,
  map: Homography,
  { width, height }: Size,
  { minBoxSize = 1, minVisible = 0 }: BoxOptions,
): { boxes: Float32Array; kept: number[] } {
  const result: number[] = []
  const kept: number[] = []
  for (let i = 0; i < boxes.length / 4; i++) {
    const [x0, y0, x1, y1] = boxes.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number]
    const corners = [
      mapPoint(map, x0, y0),
      mapPoint(map, x1, y0),
      mapPoint(map, x0, y1),
      mapPoint(map, x1, y1),
    ]
    const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)]
    const hull = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] as const
    const cut = [
      Math.max(hull[0], 0),
      Math.max(hull[1], 0),
      Math.min(hull[2], width),
      Math.min(hull[3], height),
    ] as const
    const [w, h] = [cut[2] - cut[0], cut[3] - cut[1]]
    const whole = (hull[2] - hull[0]) * (hull[3] - hull[1])
    if (!(w > 0 && h > 0 && w >= minBoxSize && h >= minBoxSize && w * h >= minVisible * whole)) continue
    result.push(...cut)
    kept.push(i)
  }
  return { boxes: Float32Array.from(result), kept }
}

function mapKeypoints(keypoints: Float32Array, map: Homography, { width, height }: Size): Float32Array {
  const result = new Float32Array(keypoints.length)
  for (let i = 0; i < keypoints.length; i += 3) {
    const visibility = keypoints[i + 2]!
    if (visibility === 0) continue
    const [x, y] = mapPoint(map, keypoints[i]!, keypoints[i + 1]!)
    if (x >= 0 && x <= width && y >= 0 && y <= height) result.set([x, y, visibility], i)
  }
  return result
}
