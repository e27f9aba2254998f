import {
  categoryWithPoints,
  type CocoObjectOptions,
  type CocoSample,
  type CocoSource,
  objectSource,
} from './object-source.ts'
import { type CocoSet, openCoco } from './open.ts'

/** An image of COCO and the people in it. */
export interface CocoKeypointsSample extends CocoSample {
  /** `[N, K, 3]`: x, y and visibility of each point: 0 not there, 1 hidden, 2 seen. */
  readonly keypoints: Float32Array
}

/** Samples with points, and what these are. */
export interface CocoKeypointsSource extends CocoSource<CocoKeypointsSample> {
  readonly keypointNames: readonly string[]
  /** Pairs of points, from 0, with a line between them. */
  readonly skeleton: readonly (readonly [from: number, to: number])[]
}

/**
 * COCO's people, with 17 points of each: `annotations/person_keypoints_val2017.json`, or any file in that format. Found as
 * `cocoDetection` is. COCO counts pixels; here, points are coordinates: the centre of the first pixel is at (½, ½).
 *
 * @param set
 * @param options
 * @throws ValueError when there is no such split
 * @throws DataNotFoundError when the files are in none of the places
 * @throws FormatError naming the file and the annotation that is broken
 * @see Lin et al. 2014, "Microsoft COCO: common objects in context", arXiv:1405.0312
 *
 * @example
 * ```ts
 * const people = await cocoKeypoints('val2017', { directory: 'coco' })
 * console.log(people.keypointNames[0]) // nose
 * ```
 */
export async function cocoKeypoints(
  set: CocoSet,
  options: CocoObjectOptions = {},
): Promise<CocoKeypointsSource> {
  const operation = 'cocoKeypoints'
  const opened = await openCoco(operation, set, 'person_keypoints', options)
  const { names, skeleton } = categoryWithPoints(opened)
  const source = objectSource(operation, opened, options, names.length)
  return { ...(source as CocoSource<CocoKeypointsSample>), keypointNames: names, skeleton }
}
