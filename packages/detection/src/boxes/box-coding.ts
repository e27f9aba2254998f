import { ShapeError, ValueError, concat, exp, log } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { describeRow } from './box-rows.ts'
import { checkRows, columnsOf, findRow, type Columns } from './coordinates.ts'

/** How offsets are scaled. */
export interface BoxCodingOptions {
  /**
   * What the offsets of x, y, width and height are multiplied by; default 1, 1, 1, 1. Fast R-CNN takes 10, 10, 5,
   * 5, about the reciprocals of their standard deviations.
   */
  weights?: readonly [x: number, y: number, width: number, height: number]
}

/** How offsets are scaled and bounded. */
export interface DecodeBoxesOptions extends BoxCodingOptions {
  /**
   * The most that the logarithm of a width or height may grow by, so that exp does not overflow; default
   * log(1000 / 16).
   */
  maxLogScale?: number
}

/**
 * What a detector learns: where boxes lie from reference boxes, `(x − x₀) / w₀`, `(y − y₀) / h₀`,
 * `log(w / w₀)`, `log(h / h₀)` for the centres.
 *
 * @param boxes `[N, 4]`, rows `x1, y1, x2, y2`
 * @param references `[N, 4]`: anchors or proposals
 * @returns `[N, 4]`
 * @throws ShapeError when the shapes differ or are not `[N, 4]`
 * @throws ValueError when weights are not positive, or boxes that come from the host have no area or are not
 *   finite: they have no logarithm
 * @see Girshick et al. 2014, arXiv:1311.2524, appendix C
 */
export function encodeBoxes(boxes: Tensor, references: Tensor, options: BoxCodingOptions = {}): Tensor {
  const weights = checkWeights('encodeBoxes', options)
  checkRows('encodeBoxes', boxes)
  if (boxes.shape.join() !== references.shape.join()) {
    throw new ShapeError(
      `encodeBoxes: shapes of boxes and references differ: [${boxes.shape.join(',')}], [${references.shape.join(',')}]`,
    )
  }
  checkAreas('encodeBoxes', boxes, 'boxes')
  checkAreas('encodeBoxes', references, 'references')
  const [x, y, width, height] = centred(columnsOf('encodeBoxes', boxes))
  const [x0, y0, width0, height0] = centred(columnsOf('encodeBoxes', references))
  const offsets = [
    x.sub(x0).div(width0),
    y.sub(y0).div(height0),
    log(width.div(width0)),
    log(height.div(height0)),
  ]
  return concat(
    offsets.map((offset, i) => offset.mul(weights[i]!)),
    { axis: -1 },
  )
}

/**
 * Boxes at offsets from reference boxes: the inverse of `encodeBoxes`.
 *
 * @param offsets `[N, ..., 4]`; with one box for each of C classes, `[N, C, 4]`
 * @param references `[N, 4]`
 * @returns the shape of `offsets`, rows `x1, y1, x2, y2`
 * @throws ShapeError when the last axis of `offsets` is not 4, or they are not as many as `references`
 * @throws ValueError when weights are not positive, or `maxLogScale` is NaN
 * @see Girshick et al. 2014, arXiv:1311.2524, appendix C
 */
export function decodeBoxes(offsets: Tensor, references: Tensor, options: DecodeBoxesOptions = {}): Tensor {
  const { maxLogScale = Math.log(1000 / 16) } = options
  const weights = checkWeights('decodeBoxes', options)
  if (Number.isNaN(maxLogScale)) throw new ValueError('decodeBoxes: maxLogScale is NaN')
  checkRows('decodeBoxes', references, 'references')
  const [dx, dy, dw, dh] = columnsOf('decodeBoxes', offsets, 'offsets').map((column, i) =>
    column.div(weights[i]!),
  ) as Columns
  if (offsets.rank < 2 || offsets.shape[0] !== references.shape[0]) {
    throw new ShapeError(
      `decodeBoxes: offsets are not as many as references: [${offsets.shape.join(',')}], [${references.shape.join(',')}]`,
    )
  }
  const between = Array<number>(offsets.rank - 2).fill(1)
  const rows = references.reshape([references.shape[0]!, ...between, 4])
  const [x0, y0, width0, height0] = centred(columnsOf('decodeBoxes', rows))
  const [x, y] = [dx.mul(width0).add(x0), dy.mul(height0).add(y0)]
  const halfWidth = exp(dw.clamp({ max: maxLogScale }))
    .mul(width0)
    .mul(0.5)
  const halfHeight = exp(dh.clamp({ max: maxLogScale }))
    .mul(height0)
    .mul(0.5)
  return concat([x.sub(halfWidth), y.sub(halfHeight), x.add(halfWidth), y.add(halfHeight)], { axis: -1 })
}

/** Centre, width and height. */
function centred([x1, y1, x2, y2]: Columns): Columns {
  const [width, height] = [x2.sub(x1), y2.sub(y1)]
  return [x1.add(width.mul(0.5)), y1.add(height.mul(0.5)), width, height]
}

function checkWeights(operation: string, { weights = [1, 1, 1, 1] }: BoxCodingOptions): readonly number[] {
  if (weights.length === 4 && weights.every((weight) => weight > 0 && weight < Infinity)) return weights
  throw new ValueError(`${operation}: weights are not four positive numbers: ${weights.join(', ')}`)
}

function checkAreas(operation: string, boxes: Tensor, what: string): void {
  const bad = findRow(
    boxes,
    (x1, y1, x2, y2) => !(x2 - x1 > 0 && x2 - x1 < Infinity && y2 - y1 > 0 && y2 - y1 < Infinity),
  )
  if (!bad) return
  throw new ValueError(`${operation}: ${what}: ${describeRow(bad.values, bad.row)} has no area`)
}
