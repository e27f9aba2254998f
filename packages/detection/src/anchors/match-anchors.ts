import { ValueError } from '@badak/tensor'
import { checkShare, checkUpright } from '../boxes/box-rows.ts'
import { boxTable, iouOf } from '../boxes/pairwise-iou.ts'

/** When an anchor stands for an object, and when for the background. */
export interface MatchOptions {
  /** From this overlap on, an anchor stands for an object; default 0.7, as in the RPN. */
  highThreshold?: number
  /** Below this overlap with every object, an anchor stands for the background; default 0.3. */
  lowThreshold?: number
  /** Whether the anchors that overlap an object most stand for an object below the threshold too; default false. */
  allowLowQualityMatches?: boolean
}

/** What each anchor stands for. */
export interface Matches {
  /** For each anchor the position of its object, `BACKGROUND` (−1) or `BETWEEN_THRESHOLDS` (−2). */
  readonly matches: Int32Array
  /** For each anchor its largest overlap with an object. */
  readonly overlaps: Float32Array
}

/** The match of an anchor that stands for the background. */
export const BACKGROUND = -1
/** The match of an anchor that stands neither for an object nor for the background. */
export const BETWEEN_THRESHOLDS = -2

/**
 * The object that each anchor, or proposal, stands for: the one it overlaps most, if by enough.
 *
 * With `allowLowQualityMatches`, anchors that overlap an object as much as any does stand for the object that
 * they overlap most, which may be another one, as in torchvision; unlike there, an object that no anchor
 * overlaps claims none.
 *
 * @param anchors `[N, 4]`, rows `x1, y1, x2, y2`
 * @param targets `[M, 4]`: boxes of objects; none makes every anchor background
 * @throws ShapeError when boxes are not rows of four
 * @throws ValueError when a coordinate is not finite, a target ends before it begins, a threshold is not
 *   from 0 to 1, or the low one is above the high one
 * @see Ren, He, Girshick & Sun 2015, arXiv:1506.01497, section 3.1.2
 */
export function matchAnchors(
  anchors: Float32Array,
  targets: Float32Array,
  options: MatchOptions = {},
): Matches {
  const { highThreshold = 0.7, lowThreshold = 0.3, allowLowQualityMatches = false } = options
  const high = Math.fround(checkShare('matchAnchors', 'highThreshold', highThreshold))
  const low = Math.fround(checkShare('matchAnchors', 'lowThreshold', lowThreshold))
  if (low > high)
    throw new ValueError(
      `matchAnchors: lowThreshold is above highThreshold: ${lowThreshold}, ${highThreshold}`,
    )
  const table = boxTable('matchAnchors', anchors, 'anchors')
  const objects = boxTable('matchAnchors', targets, 'targets')
  checkUpright('matchAnchors', targets, 'targets')
  const nearest = new Int32Array(table.count)
  const overlaps = new Float32Array(table.count)
  const claimed = new Set<number>()
  for (let object = 0; object < objects.count; object++) {
    let most = 0
    let closest: number[] = []
    for (let anchor = 0; anchor < table.count; anchor++) {
      const iou = iouOf(objects, object, table, anchor)
      if (iou === 0) continue
      if (iou > overlaps[anchor]!) {
        overlaps[anchor] = iou
        nearest[anchor] = object
      }
      if (iou > most) [most, closest] = [iou, []]
      if (iou === most) closest.push(anchor)
    }
    if (allowLowQualityMatches) for (const anchor of closest) claimed.add(anchor)
  }
  const matches = nearest.map((object, anchor) => {
    const iou = overlaps[anchor]!
    // Of no objects, none is matched even where the threshold is 0.
    if (objects.count > 0 && (iou >= high || claimed.has(anchor))) return object
    return iou < low || objects.count === 0 ? BACKGROUND : BETWEEN_THRESHOLDS
  })
  return { matches, overlaps }
}
