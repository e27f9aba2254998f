import { ShapeError, ValueError } from '@badak/tensor'

/**
 * Boxes on the host: the rows `x1, y1, x2, y2` of `[N, 4]`, one after the other.
 *
 * @returns N
 * @throws ShapeError when they are not rows of four
 * @throws ValueError when a coordinate is NaN or infinite
 * @internal
 */
export function countBoxes(operation: string, boxes: Float32Array, what = 'boxes'): number {
  if (boxes.length % 4 !== 0)
    throw new ShapeError(`${operation}: ${what} are [N, 4]: ${boxes.length} numbers`)
  const bad = boxes.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) throw new ValueError(`${operation}: ${what}: ${describeRow(boxes, bad >> 2)} is not finite`)
  return boxes.length / 4
}

/** @throws ValueError when a box has x2 < x1 or y2 < y1 @internal */
export function checkUpright(operation: string, boxes: Float32Array, what = 'boxes'): void {
  for (let row = 0; 4 * row < boxes.length; row++) {
    const [x1, y1, x2, y2] = boxes.subarray(4 * row, 4 * row + 4) as unknown as [
      number,
      number,
      number,
      number,
    ]
    if (x2 < x1 || y2 < y1)
      throw new ValueError(`${operation}: ${what}: ${describeRow(boxes, row)} ends before it begins`)
  }
}

/** One number per box. @throws ShapeError @internal */
export function checkPerBox(operation: string, what: string, list: ArrayLike<unknown>, count: number): void {
  if (list.length === count) return
  throw new ShapeError(`${operation}: ${list.length} ${what} for ${count} boxes`)
}

/** @throws ValueError when a score is NaN @internal */
export function checkScores(operation: string, scores: ArrayLike<number>): void {
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i]!)) throw new ValueError(`${operation}: score ${i} is NaN`)
  }
}

/** A share from 0 to 1, such as an overlap. @throws ValueError @internal */
export function checkShare(operation: string, what: string, value: number): number {
  if (value >= 0 && value <= 1) return value
  throw new ValueError(`${operation}: ${what} is not a number from 0 to 1: ${String(value)}`)
}

/** @internal */
export function describeRow(boxes: ArrayLike<number>, row: number): string {
  return `box ${row} (${Array.from({ length: 4 }, (_, i) => boxes[4 * row + i]).join(', ')})`
}
