import { descendingOrder } from '../order.ts'
import { areaAt, intersection, type Detections, type GroundTruth } from './detections.ts'

/** Areas in square pixels, both ends included. */
export type AreaRange = readonly [number, number]

/** The detections of one class in one image, from the highest score to the lowest, and what became of them. */
export interface ImageMatches {
  readonly scores: Float32Array
  /** For each range of areas: for each detection, the thresholds at which it found an object, as bits. */
  readonly found: readonly Int32Array[]
  /** For each range of areas: for each detection, the thresholds at which it does not count, as bits. */
  readonly ignored: readonly Int32Array[]
  /** For each range of areas: how many objects there are to be found. */
  readonly objects: readonly number[]
}

/** The objects of one class in one image, and how detections overlap them. */
interface Candidates {
  readonly order: Int32Array
  readonly detectionAreas: Float64Array
  readonly objectAreas: Float64Array
  readonly isCrowd: readonly boolean[]
  /** `[detections, objects]`. */
  readonly overlaps: Float64Array
}

/**
 * Matches detections with objects as COCO's evaluation does: from the highest score, each takes the object that
 * it overlaps most of those that are left, if by the threshold; crowds, and objects outside of a range of areas,
 * only if there is no other, and then it does not count.
 */
export function matchImage(
  detections: Detections,
  truth: GroundTruth,
  ofClass: { readonly detections: readonly number[]; readonly objects: readonly number[] },
  settings: { thresholds: readonly number[]; ranges: readonly AreaRange[]; limit: number },
): ImageMatches {
  const { thresholds, ranges, limit } = settings
  const candidates = candidatesOf(detections, truth, ofClass.detections, ofClass.objects, limit)
  const results = ranges.map((range) => matchRange(candidates, thresholds, range))
  return {
    scores: Float32Array.from(candidates.order, (i) => detections.scores[i]!),
    found: results.map(({ found }) => found),
    ignored: results.map(({ ignored }) => ignored),
    objects: results.map(({ objects }) => objects),
  }
}

function candidatesOf(
  { boxes, scores }: Detections,
  truth: GroundTruth,
  detections: readonly number[],
  objects: readonly number[],
  limit: number,
): Candidates {
  const ranks = descendingOrder(Float32Array.from(detections, (i) => scores[i]!)).subarray(0, limit)
  const order = ranks.map((rank) => detections[rank]!)
  const isCrowd = objects.map((i) => Boolean(truth.isCrowd?.[i]))
  const detectionAreas = Float64Array.from(order, (i) => areaAt(boxes, i))
  const overlaps = new Float64Array(order.length * objects.length)
  for (const [d, detection] of order.entries()) {
    for (const [g, object] of objects.entries()) {
      const shared = intersection(boxes, detection, truth.boxes, object)
      const own = detectionAreas[d]!
      // How much of a detection lies in a crowd, whose size says nothing.
      const whole = isCrowd[g] ? own : own + areaAt(truth.boxes, object) - shared
      overlaps[d * objects.length + g] = shared > 0 ? shared / whole : 0
    }
  }
  const objectAreas = Float64Array.from(objects, (i) => truth.areas?.[i] ?? areaAt(truth.boxes, i))
  return { order, detectionAreas, objectAreas, isCrowd, overlaps }
}

function matchRange(
  candidates: Candidates,
  thresholds: readonly number[],
  [least, most]: AreaRange,
): { found: Int32Array; ignored: Int32Array; objects: number } {
  const { order, detectionAreas, objectAreas, isCrowd } = candidates
  const isOutside = (area: number): boolean => area < least || area > most
  const isIgnored = isCrowd.map((crowd, g) => crowd || isOutside(objectAreas[g]!))
  // Those that count come first.
  const positions = isCrowd.map((_, g) => g)
  const objects = [...positions.filter((g) => !isIgnored[g]), ...positions.filter((g) => isIgnored[g])]
  const found = new Int32Array(order.length)
  const ignored = new Int32Array(order.length)
  for (const [t, threshold] of thresholds.entries()) {
    const isTaken = new Uint8Array(isCrowd.length)
    for (let d = 0; d < order.length; d++) {
      const match = bestObject(candidates, d, threshold, objects, isIgnored, isTaken)
      if (match >= 0) {
        isTaken[match] = 1
        found[d]! |= 1 << t
      }
      if (match >= 0 ? isIgnored[match] : isOutside(detectionAreas[d]!)) ignored[d]! |= 1 << t
    }
  }
  return { found, ignored, objects: isIgnored.filter((yes) => !yes).length }
}

/** The object that detection `d` finds, or −1. */
function bestObject(
  { isCrowd, overlaps }: Candidates,
  d: number,
  threshold: number,
  objects: readonly number[],
  isIgnored: readonly boolean[],
  isTaken: Uint8Array,
): number {
  let best = -1
  let overlap = Math.min(threshold, 1 - 1e-10)
  for (const g of objects) {
    if (isTaken[g] && !isCrowd[g]) continue
    if (best >= 0 && !isIgnored[best] && isIgnored[g]) break
    const iou = overlaps[d * isCrowd.length + g]!
    if (iou < overlap) continue
    overlap = iou
    best = g
  }
  return best
}
