import { countBoxes } from './box-rows.ts'

/** What a host algorithm reads of boxes: areas, and overlaps of pairs. */
export interface BoxTable {
  readonly count: number
  readonly areas: Float32Array
  readonly boxes: Float32Array
}

/** @throws ShapeError, ValueError when the boxes are not rows of four, or not finite */
export function boxTable(operation: string, boxes: Float32Array, what?: string): BoxTable {
  const count = countBoxes(operation, boxes, what)
  const areas = new Float32Array(count)
  for (let i = 0; i < count; i++) {
    const width = Math.fround(boxes[4 * i + 2]! - boxes[4 * i]!)
    const height = Math.fround(boxes[4 * i + 3]! - boxes[4 * i + 1]!)
    areas[i] = width > 0 && height > 0 ? width * height : 0
  }
  return { count, areas, boxes }
}

/**
 * Intersection over union of box i of one table and box j of another. Every step is rounded to float32, as
 * PyTorch does, so that what lies at a threshold is decided as it is there.
 */
export function iouOf(a: BoxTable, i: number, b: BoxTable, j: number): number {
  const [A, B] = [a.boxes, b.boxes]
  const width = Math.fround(Math.min(A[4 * i + 2]!, B[4 * j + 2]!) - Math.max(A[4 * i]!, B[4 * j]!))
  if (!(width > 0)) return 0
  const height = Math.fround(Math.min(A[4 * i + 3]!, B[4 * j + 3]!) - Math.max(A[4 * i + 1]!, B[4 * j + 1]!))
  if (!(height > 0)) return 0
  const intersection = Math.fround(width * height)
  const union = Math.fround(Math.fround(a.areas[i]! + b.areas[j]!) - intersection)
  return union > 0 ? Math.fround(intersection / union) : 0
}

/**
 * Intersection over union of each box with each other one, on the host: 0 where they do not meet, or where
 * neither has an area.
 *
 * @param boxes `[N, 4]`, rows `x1, y1, x2, y2`
 * @param others `[M, 4]`
 * @returns `[N, M]`
 * @throws ShapeError when boxes are not rows of four
 * @throws ValueError when a coordinate is not finite
 */
export function pairwiseIoU(boxes: Float32Array, others: Float32Array): Float32Array {
  const a = boxTable('pairwiseIoU', boxes)
  const b = boxTable('pairwiseIoU', others, 'others')
  const overlaps = new Float32Array(a.count * b.count)
  for (let i = 0; i < a.count; i++) {
    for (let j = 0; j < b.count; j++) overlaps[i * b.count + j] = iouOf(a, i, b, j)
  }
  return overlaps
}
