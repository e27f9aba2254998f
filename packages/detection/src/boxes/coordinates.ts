import { ShapeError, hostValues, split } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'

/** The four columns of a tensor. */
export type Columns = [Tensor, Tensor, Tensor, Tensor]

/**
 * The four coordinates of boxes, each with an axis of size 1 at the end.
 *
 * @param boxes `[..., 4]`
 * @throws ShapeError
 */
export function columnsOf(operation: string, boxes: Tensor, what = 'boxes'): Columns {
  if (boxes.shape.at(-1) !== 4)
    throw new ShapeError(`${operation}: ${what} are not [..., 4]: [${boxes.shape.join(',')}]`)
  return split(boxes.cast('float32'), 4, { axis: -1 }) as Columns
}

/** The coordinates of boxes, in their shape without the last axis. @throws ShapeError */
export function coordinatesOf(operation: string, boxes: Tensor, what = 'boxes'): Columns {
  return columnsOf(operation, boxes, what).map((column) => column.squeeze(-1)) as Columns
}

/** @throws ShapeError unless boxes are `[N, 4]` */
export function checkRows(operation: string, boxes: Tensor, what = 'boxes'): void {
  if (boxes.rank === 2 && boxes.shape[1] === 4) return
  throw new ShapeError(`${operation}: ${what} are not [N, 4]: [${boxes.shape.join(',')}]`)
}

/** The first row of four, among values that the host knows, of which `isBad` holds. */
export function findRow(
  boxes: Tensor,
  isBad: (x1: number, y1: number, x2: number, y2: number) => boolean,
): { readonly row: number; readonly values: ArrayLike<number> } | undefined {
  const values = hostValues(boxes)
  if (!values) return undefined
  for (let i = 0; i < values.length; i += 4) {
    if (isBad(values[i]!, values[i + 1]!, values[i + 2]!, values[i + 3]!)) return { row: i / 4, values }
  }
  return undefined
}
