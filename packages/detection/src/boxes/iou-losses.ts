import {
  ShapeError,
  ValueError,
  atan,
  greater,
  logicalAnd,
  maximum,
  minimum,
  stopGradient,
  where,
} from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import type { LossOptions } from '@badak/layers'
import { coordinatesOf, type Columns } from './coordinates.ts'

/** Keeps denominators from 0, as in torchvision. */
const EPSILON = 1e-7

/**
 * `1 − GIoU` of each box and its target, from 0 to 2: a loss for boxes that pulls even those that do not meet.
 *
 * @param boxes `[..., 4]`, rows `x1, y1, x2, y2`
 * @param targets the same shape
 * @param options `reduction`: `'mean'` (default; 0 of no boxes), `'sum'` or `'none'`, for the shape without
 *   its last axis
 * @throws ShapeError when the shapes differ or the last axis is not 4
 * @throws ValueError when there is no such reduction
 * @see Rezatofighi et al. 2019, arXiv:1902.09630
 */
export function generalisedBoxIoULoss(boxes: Tensor, targets: Tensor, options: LossOptions = {}): Tensor {
  const { iou, union, hull } = meet('generalisedBoxIoULoss', boxes, targets)
  const area = hull[0].mul(hull[1])
  const losses = area.sub(union).div(area.add(EPSILON)).sub(iou).add(1)
  return reduce('generalisedBoxIoULoss', losses, options)
}

/**
 * `1 − IoU + d² / c²` of each box and its target, with the distance d of their centres and the diagonal c of
 * the smallest box around both.
 *
 * @param boxes `[..., 4]`, rows `x1, y1, x2, y2`
 * @param targets the same shape
 * @param options as of `generalisedBoxIoULoss`
 * @throws ShapeError when the shapes differ or the last axis is not 4
 * @throws ValueError when there is no such reduction
 * @see Zheng et al. 2020, arXiv:1911.08287
 */
export function distanceBoxIoULoss(boxes: Tensor, targets: Tensor, options: LossOptions = {}): Tensor {
  const met = meet('distanceBoxIoULoss', boxes, targets)
  return reduce('distanceBoxIoULoss', distanceLosses(met), options)
}

/**
 * The loss of `distanceBoxIoULoss`, and what the aspect ratios differ by: `+ α·v` with
 * `v = 4/π² · (atan(w/h) − atan(w'/h'))²` and `α = v / (1 − IoU + v)`, which has no gradient.
 *
 * @param boxes `[..., 4]`, rows `x1, y1, x2, y2`
 * @param targets the same shape
 * @param options as of `generalisedBoxIoULoss`
 * @throws ShapeError when the shapes differ or the last axis is not 4
 * @throws ValueError when there is no such reduction
 * @see Zheng et al. 2020, arXiv:1911.08287
 */
export function completeBoxIoULoss(boxes: Tensor, targets: Tensor, options: LossOptions = {}): Tensor {
  const met = meet('completeBoxIoULoss', boxes, targets)
  const v = angle(met.left)
    .sub(angle(met.right))
    .square()
    .mul(4 / Math.PI ** 2)
  const alpha = stopGradient(v.div(v.add(1 + EPSILON).sub(met.iou)))
  return reduce('completeBoxIoULoss', distanceLosses(met).add(alpha.mul(v)), options)
}

/** The angle of the diagonal; of a box without height, that of a square, without a gradient. */
function angle([x1, y1, x2, y2]: Columns): Tensor {
  const height = y2.sub(y1)
  const isFlat = height.equal(0)
  return atan(where(isFlat, 1, x2.sub(x1).div(where(isFlat, 1, height))))
}

function distanceLosses({ iou, hull, left, right }: Meeting): Tensor {
  const diagonal = hull[0].square().add(hull[1].square()).add(EPSILON)
  const apart = (low: 0 | 1): Tensor => {
    const high = (low + 2) as 2 | 3
    return left[low].add(left[high]).sub(right[low].add(right[high])).div(2).square()
  }
  return apart(0).add(apart(1)).div(diagonal).sub(iou).add(1)
}

interface Meeting {
  readonly iou: Tensor
  readonly union: Tensor
  /** Width and height of the smallest box around both. */
  readonly hull: readonly [Tensor, Tensor]
  readonly left: Columns
  readonly right: Columns
}

function meet(operation: string, boxes: Tensor, targets: Tensor): Meeting {
  const [shape, other] = [boxes.shape.join(','), targets.shape.join(',')]
  if (shape !== other)
    throw new ShapeError(`${operation}: shapes of boxes and targets differ: [${shape}], [${other}]`)
  const left = coordinatesOf(operation, boxes)
  const right = coordinatesOf(operation, targets, 'targets')
  const width = minimum(left[2], right[2]).sub(maximum(left[0], right[0]))
  const height = minimum(left[3], right[3]).sub(maximum(left[1], right[1]))
  const meets = logicalAnd(greater(width, 0), greater(height, 0))
  const intersection = where(meets, width.mul(height), 0)
  const area = ([x1, y1, x2, y2]: Columns): Tensor => x2.sub(x1).mul(y2.sub(y1))
  const union = area(left).add(area(right)).sub(intersection)
  const hull = [
    maximum(left[2], right[2]).sub(minimum(left[0], right[0])),
    maximum(left[3], right[3]).sub(minimum(left[1], right[1])),
  ] as const
  return { iou: intersection.div(union.add(EPSILON)), union, hull, left, right }
}

function reduce(operation: string, losses: Tensor, { reduction = 'mean' }: LossOptions): Tensor {
  if (reduction === 'none') return losses
  if (reduction === 'sum') return losses.sum()
  if (reduction !== 'mean')
    throw new ValueError(`${operation}: reduction is not one of mean, sum, none: ${String(reduction)}`)
  // The mean of no losses is 0, not NaN: images without objects are common.
  return losses.sum().div(
    Math.max(
      1,
      losses.shape.reduce((a, b) => a * b, 1),
    ),
  )
}
