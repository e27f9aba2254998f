import { greater, maximum, minimum, relu, where } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkRows, coordinatesOf, type Columns } from './coordinates.ts'

/**
 * Areas of boxes, in square pixels. A box that ends before it begins has none.
 *
 * @param boxes `[..., 4]`, rows `x1, y1, x2, y2`
 * @returns the shape of `boxes` without its last axis
 * @throws ShapeError when the last axis is not 4
 */
export function boxArea(boxes: Tensor): Tensor {
  return areaOf(coordinatesOf('boxArea', boxes))
}

/**
 * Intersection over union of each box with each other one: 1 where they are the same, 0 where they do not
 * meet, or where neither has an area. Differentiable; for decisions on the host there is `pairwiseIoU`.
 *
 * @param boxes `[N, 4]`, rows `x1, y1, x2, y2`
 * @param others `[M, 4]`
 * @returns `[N, M]`
 * @throws ShapeError when boxes are not rows of four
 */
export function boxIoU(boxes: Tensor, others: Tensor): Tensor {
  return overlapOf('boxIoU', boxes, others).iou
}

/**
 * Generalised intersection over union of each box with each other one, `IoU − (hull − union) / hull` with the
 * area of the smallest box around both: from −1, for boxes far apart, to 1.
 *
 * @param boxes `[N, 4]`, rows `x1, y1, x2, y2`
 * @param others `[M, 4]`
 * @returns `[N, M]`
 * @throws ShapeError when boxes are not rows of four
 * @see Rezatofighi et al. 2019, arXiv:1902.09630
 */
export function generalisedBoxIoU(boxes: Tensor, others: Tensor): Tensor {
  const { iou, union, left, right } = overlapOf('generalisedBoxIoU', boxes, others)
  const hull = relu(maximum(left[2], right[2]).sub(minimum(left[0], right[0]))).mul(
    relu(maximum(left[3], right[3]).sub(minimum(left[1], right[1]))),
  )
  return iou.sub(quotient(hull.sub(union), hull))
}

function areaOf([x1, y1, x2, y2]: Columns): Tensor {
  return relu(x2.sub(x1)).mul(relu(y2.sub(y1)))
}

/** `a / b`, and 0 where b is 0, with no NaN in the gradient either. */
function quotient(a: Tensor, b: Tensor): Tensor {
  const divides = greater(b, 0)
  return where(divides, a.div(where(divides, b, 1)), 0)
}

interface Overlap {
  readonly iou: Tensor
  readonly union: Tensor
  readonly left: Columns
  readonly right: Columns
}

/** Every pair: the boxes along the first axis, the others along the second. */
function overlapOf(operation: string, boxes: Tensor, others: Tensor): Overlap {
  checkRows(operation, boxes)
  checkRows(operation, others, 'others')
  const along = (x: Tensor, axis: number): Columns =>
    coordinatesOf(operation, x).map((column) => column.unsqueeze(axis)) as Columns
  const [left, right] = [along(boxes, 1), along(others, 0)]
  const width = relu(minimum(left[2], right[2]).sub(maximum(left[0], right[0])))
  const height = relu(minimum(left[3], right[3]).sub(maximum(left[1], right[1])))
  const intersection = width.mul(height)
  const union = areaOf(left).add(areaOf(right)).sub(intersection)
  return { iou: quotient(intersection, union), union, left, right }
}
