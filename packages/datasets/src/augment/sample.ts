import type { Image } from '@badak/images'
import { ShapeError } from '@badak/tensor'

/**
 * An image with what is known about it. A transform takes all of it along; fields that are not named here
 * pass unchanged.
 *
 * Coordinates are continuous, in pixels from the top left corner: the image covers [0, width] × [0, height],
 * and the centre of its first pixel lies at (½, ½).
 */
export interface Sample {
  readonly image: Image
  /** The class of the whole image; or, after mixing, the probability of each class. */
  readonly label?: number | Float32Array
  /** A class for each pixel: one channel, of the size of the image. */
  readonly mask?: Image
  /** `[N, 4]`: left, top, right and bottom of each box. */
  readonly boxes?: Float32Array
  /** `[N]`: the class of each box. */
  readonly labels?: Int32Array
  /** One mask for each box, of the size of the image. */
  readonly instances?: readonly Image[]
  /**
   * `[K, 3]`: x, y and visibility, as in COCO: 0 for a point that is not there, whose x and y are 0. With boxes,
   * `[N, K, 3]`: the same number of points for each of them.
   */
  readonly keypoints?: Float32Array
  /** What else is known of each box, such as whether it is difficult: one entry for each. */
  readonly objects?: readonly unknown[]
}

/** What there is one of for each box of a sample. */
export type BoxFields = Pick<Sample, 'boxes' | 'labels' | 'instances' | 'keypoints' | 'objects'>

/** A sample whose parts do not fit each other. @throws ShapeError naming the parts */
export function checkSample(operation: string, sample: Sample): void {
  const { image, mask, boxes, labels, instances, keypoints, objects } = sample
  const { width, height, channels, data } = image
  const bytes = width * height * channels
  if (data.length !== bytes) {
    throw new ShapeError(
      `${operation}: the image has ${data.length} bytes: ${width} x ${height} x ${channels} are ${bytes}`,
    )
  }
  for (const [what, other] of [
    ['mask', mask] as const,
    ...(instances ?? []).map((each) => ['instance', each] as const),
  ]) {
    if (other === undefined) continue
    if (other.width !== width || other.height !== height || other.channels !== 1) {
      throw new ShapeError(
        `${operation}: the ${what} is no plane of the image's size: ` +
          `${other.width} x ${other.height} x ${other.channels} for ${width} x ${height}`,
      )
    }
  }
  if (boxes && boxes.length % 4 !== 0) {
    throw new ShapeError(`${operation}: boxes are [N,4]: ${boxes.length} numbers`)
  }
  const count = boxes && boxes.length / 4
  for (const [what, list] of Object.entries({ labels, instances, objects })) {
    if (list && count !== undefined && list.length !== count) {
      throw new ShapeError(`${operation}: ${what} for boxes: ${list.length} for ${count}`)
    }
  }
  // Every box has as many points as any other.
  const groups = 3 * (count === undefined || count === 0 ? 1 : count)
  if (keypoints && keypoints.length % groups !== 0) {
    throw new ShapeError(
      count === undefined
        ? `${operation}: keypoints are [K,3]: ${keypoints.length} numbers`
        : `${operation}: keypoints are [${count},K,3] for ${count} boxes: ${keypoints.length} numbers`,
    )
  }
}
