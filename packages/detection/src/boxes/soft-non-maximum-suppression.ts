import { ValueError } from '@badak/tensor'
import { checkPerBox, checkScores, checkShare } from './box-rows.ts'
import { checkLimit, type SuppressionOptions } from './non-maximum-suppression.ts'
import { boxTable, iouOf } from './pairwise-iou.ts'

/** How scores of boxes that overlap a better one are lowered. */
export interface SoftSuppressionOptions extends SuppressionOptions {
  /**
   * `'linear'`: by `1 − IoU` from `iouThreshold` on; `'gaussian'` (default): by `exp(−IoU² / sigma)`, which has no
   * threshold.
   */
  method?: 'linear' | 'gaussian'
  /** Default 0.5. */
  sigma?: number
  /** Boxes whose score falls below this are dropped; default 0.001. */
  scoreThreshold?: number
}

/** Boxes that are left, and what their scores have become. */
export interface SoftSuppressed {
  /** Positions, from the highest new score to the lowest. */
  readonly indices: Int32Array
  /** Their new scores. */
  readonly scores: Float32Array
}

/**
 * Suppression that lowers the scores of boxes that overlap a better one, instead of dropping them: objects that
 * stand close to each other stay found.
 *
 * @param boxes `[N, 4]`, rows `x1, y1, x2, y2`
 * @param scores `[N]`, from 0 to 1
 * @param options the default of `iouThreshold` is 0.3 here
 * @throws ShapeError when the boxes are not rows of four, or there is not one score for each
 * @throws ValueError when a coordinate is not finite, a score is NaN, or an option out of its range
 * @see Bodla, Singh, Chellappa & Davis 2017, arXiv:1704.04503
 */
export function softNonMaximumSuppression(
  boxes: Float32Array,
  scores: Float32Array,
  options: SoftSuppressionOptions = {},
): SoftSuppressed {
  const name = 'softNonMaximumSuppression'
  const table = boxTable(name, boxes)
  checkPerBox(name, 'scores', scores, table.count)
  checkScores(name, scores)
  const { scoreThreshold = 0.001, limit = Infinity } = options
  if (Number.isNaN(scoreThreshold)) throw new ValueError(`${name}: scoreThreshold is NaN`)
  checkLimit(name, limit)
  const factor = decay(name, options)
  const left = Int32Array.from(scores, (_, i) => i)
  const current = Float64Array.from(scores)
  const indices: number[] = []
  for (let count = left.length; count > 0 && indices.length < limit;) {
    const at = highest(left, current, count)
    const best = left[at]!
    if (current[best]! < scoreThreshold) break
    indices.push(best)
    // The order of positions stays, so that of equal scores the first counts as higher.
    left.copyWithin(at, at + 1, count)
    count--
    let next = 0
    for (let i = 0; i < count; i++) {
      const other = left[i]!
      current[other]! *= factor(iouOf(table, best, table, other))
      if (current[other]! >= scoreThreshold) left[next++] = other
    }
    count = next
  }
  return { indices: Int32Array.from(indices), scores: Float32Array.from(indices, (i) => current[i]!) }
}

function highest(left: Int32Array, scores: Float64Array, count: number): number {
  let best = 0
  for (let i = 1; i < count; i++) if (scores[left[i]!]! > scores[left[best]!]!) best = i
  return best
}

function decay(operation: string, options: SoftSuppressionOptions): (iou: number) => number {
  const { method = 'gaussian', iouThreshold = 0.3, sigma = 0.5 } = options
  const threshold = checkShare(operation, 'iouThreshold', iouThreshold)
  if (!(sigma > 0)) throw new ValueError(`${operation}: sigma is not a positive number: ${String(sigma)}`)
  if (method === 'linear') return (iou) => (iou > threshold ? 1 - iou : 1)
  if (method === 'gaussian') return (iou) => Math.exp((-iou * iou) / sigma)
  throw new ValueError(`${operation}: method is not linear or gaussian: ${String(method)}`)
}
