import { ValueError } from '@badak/tensor'
import { descendingOrder } from '../order.ts'
import { checkPerBox, checkScores, checkShare } from './box-rows.ts'
import { boxTable, type BoxTable } from './pairwise-iou.ts'

/** What is kept. */
export interface SuppressionOptions {
  /** Boxes that overlap a better one by more than this intersection over union go; default 0.5. */
  iouThreshold?: number
  /** The most boxes kept; default all. */
  limit?: number
}

/**
 * Of boxes that overlap, the one with the highest score: the best box is kept, those that overlap it by more
 * than the threshold are dropped, and so on with the rest. Of equal scores the first counts as higher. Boxes
 * without an area overlap nothing.
 *
 * @param boxes `[N, 4]`, rows `x1, y1, x2, y2`
 * @param scores `[N]`
 * @returns positions of the boxes that are kept, from the highest score to the lowest
 * @throws ShapeError when the boxes are not rows of four, or there is not one score for each
 * @throws ValueError when a coordinate is not finite, a score is NaN, or an option out of its range
 * @example
 * ```ts
 * const boxes = Float32Array.of(0, 0, 10, 10, 1, 1, 11, 11, 20, 20, 30, 30)
 * nonMaximumSuppression(boxes, Float32Array.of(0.8, 0.9, 0.7)) // 1, 2
 * ```
 * @see Felzenszwalb et al. 2010, doi:10.1109/TPAMI.2009.167
 */
export function nonMaximumSuppression(
  boxes: Float32Array,
  scores: Float32Array,
  options: SuppressionOptions = {},
): Int32Array {
  const name = 'nonMaximumSuppression'
  const { table, threshold, limit } = prepare(name, boxes, scores, options)
  return suppress(table, descendingOrder(scores), threshold, limit)
}

/**
 * `nonMaximumSuppression` among the boxes of each class.
 *
 * @param boxes `[N, 4]`, rows `x1, y1, x2, y2`
 * @param scores `[N]`
 * @param labels `[N]`: boxes with different labels do not suppress each other
 * @returns positions of the boxes that are kept, of all classes, from the highest score to the lowest
 * @throws ShapeError, ValueError as `nonMaximumSuppression`
 */
export function batchedNonMaximumSuppression(
  boxes: Float32Array,
  scores: Float32Array,
  labels: ArrayLike<number>,
  options: SuppressionOptions = {},
): Int32Array {
  const name = 'batchedNonMaximumSuppression'
  const { table, threshold, limit } = prepare(name, boxes, scores, options)
  checkPerBox(name, 'labels', labels, table.count)
  const groups = new Map<number, number[]>()
  const order = descendingOrder(scores)
  for (const position of order) {
    const label = labels[position]!
    const group = groups.get(label)
    if (group) group.push(position)
    else groups.set(label, [position])
  }
  const isKept = new Uint8Array(table.count)
  for (const group of groups.values()) {
    for (const position of suppress(table, Int32Array.from(group), threshold, limit)) isKept[position] = 1
  }
  return order.filter((position) => isKept[position] === 1).slice(0, limit)
}

/** @throws ShapeError, ValueError @internal */
export function checkLimit(operation: string, limit: number): number {
  if (limit === Infinity || (Number.isSafeInteger(limit) && limit >= 0)) return limit
  throw new ValueError(`${operation}: limit is not an integer ≥ 0: ${String(limit)}`)
}

function prepare(
  operation: string,
  boxes: Float32Array,
  scores: Float32Array,
  { iouThreshold = 0.5, limit = Infinity }: SuppressionOptions,
): { table: BoxTable; threshold: number; limit: number } {
  const table = boxTable(operation, boxes)
  checkPerBox(operation, 'scores', scores, table.count)
  checkScores(operation, scores)
  const threshold = checkShare(operation, 'iouThreshold', iouThreshold)
  return { table, threshold, limit: checkLimit(operation, limit) }
}

/** Boxes by score in columns: what the inner loop reads lies side by side. */
function columnsInOrder({ boxes, areas }: BoxTable, order: Int32Array): Float32Array[] {
  const column = (coordinate: number): Float32Array =>
    Float32Array.from(order, (position) => boxes[4 * position + coordinate]!)
  return [
    column(0),
    column(1),
    column(2),
    column(3),
    Float32Array.from(order, (position) => areas[position]!),
  ]
}

/**
 * Positions kept of those in `order`. What is dropped leaves the list, so that each pass looks only at boxes
 * that are still there. Steps are rounded to float32, as in `iouOf`, and compared with the threshold as it is.
 */
function suppress(table: BoxTable, order: Int32Array, threshold: number, limit: number): Int32Array {
  const [x1, y1, x2, y2, areas] = columnsInOrder(table, order) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ]
  const left = Int32Array.from(order, (_, rank) => rank)
  let count = left.length
  const kept: number[] = []
  while (count > 0 && kept.length < limit) {
    const best = left[0]!
    kept.push(order[best]!)
    const [bx1, by1, bx2, by2, area] = [x1[best]!, y1[best]!, x2[best]!, y2[best]!, areas[best]!]
    let next = 0
    for (let i = 1; i < count; i++) {
      const other = left[i]!
      const width = Math.fround(Math.min(bx2, x2[other]!) - Math.max(bx1, x1[other]!))
      const height = Math.fround(Math.min(by2, y2[other]!) - Math.max(by1, y1[other]!))
      if (width > 0 && height > 0) {
        const shared = Math.fround(width * height)
        const union = Math.fround(Math.fround(area + areas[other]!) - shared)
        if (Math.fround(shared / union) > threshold) continue
      }
      left[next++] = other
    }
    count = next
  }
  return Int32Array.from(kept)
}
