import { ValueError, arange, concat, hostValues, stopGradient, take, tensor, where } from '@badak/tensor'
import type { PairLike, Tensor } from '@badak/tensor'
import { Module } from '@badak/layers'
import { checkScale, inParts, noRegions, pixelRows, regionRows, type Regions } from './regions.ts'
import { checkRank, pair, type Pair } from './size.ts'

/** How regions are read. */
export interface RoIAlignOptions {
  /** Pixels of the features per unit of the boxes, such as 1/16; default 1. */
  spatialScale?: number
  /**
   * Points read per bin along each axis; default 0: as many as a bin has pixels, ⌈height of the region / OH⌉, for
   * which the boxes must come from the host.
   */
  samplingRatio?: number
  /** Whether the centres of pixels lie at half-integers, as they should; default false, as in torchvision. */
  aligned?: boolean
}

/**
 * Regions of images in one size: each bin of a region is the mean of some points in it, each interpolated
 * between four pixels. Points more than a pixel outside of the image count as 0.
 *
 * Gradients flow to the features, not to the boxes.
 *
 * @param features `[N, C, H, W]`
 * @param boxes `[K, 5]`, rows `image, x1, y1, x2, y2`, or for each image its `[L, 4]`
 * @param outputSize a number, or [height, width]
 * @returns `[K, C, OH, OW]`
 * @throws ShapeError when `features` has another rank or the boxes another shape
 * @throws IndexError when a box from the host is of an image that is not there
 * @throws ValueError when a size is out of range, or there is no `samplingRatio` and the boxes do not come from
 *   the host
 * @example
 * ```ts
 * roiAlign(features, [tensor([[0, 0, 64, 48]])], 7, { spatialScale: 1 / 16, aligned: true }) // [1, C, 7, 7]
 * ```
 * @see He et al. 2017, arXiv:1703.06870
 */
export function roiAlign(
  features: Tensor,
  boxes: Regions,
  outputSize: PairLike,
  options: RoIAlignOptions = {},
): Tensor {
  const size = pair('roiAlign', 'outputSize', outputSize, 1)
  const settings = checkOptions('roiAlign', options)
  checkRank('roiAlign', features, 4)
  const [N, C, H, W] = features.shape as [number, number, number, number]
  const given = regionRows('roiAlign', boxes, N)
  const K = given.shape[0]!
  if (K * N * C * H * W === 0) return noRegions(features, [K, C, ...size])
  const points = pointsOf(given, size, settings)
  const rows = stopGradient(given)
  const pixels = pixelRows(features)
  return inParts(K, size[0] * size[1] * 4 * points[0] * points[1], C, (start, stop) => {
    const some = rows.slice([[start, stop]])
    const y = tapsAlong(some, 1, H, size[0], points[0], settings)
    const x = tapsAlong(some, 0, W, size[1], points[1], settings)
    const image = some
      .slice([undefined, 0])
      .cast('int32')
      .mul(H * W)
      .reshape([-1, 1, 1, 1, 1])
    // [K, OH, OW, taps along y, taps along x]
    const across = (along: Tensor, axis: 0 | 1): Tensor => {
      const [k, bins, taps] = along.shape as [number, number, number]
      return along.reshape(axis === 0 ? [k, bins, 1, taps, 1] : [k, 1, bins, 1, taps])
    }
    const index = image.add(across(y.positions, 0).mul(W)).add(across(x.positions, 1))
    const weights = across(y.weights, 0).mul(across(x.weights, 1))
    const [k, OH, OW, taps, others] = index.shape as [number, number, number, number, number]
    const read = take(pixels, index.reshape([-1])).reshape([k * OH * OW, taps * others, C])
    const weight = weights.reshape([k * OH * OW, taps * others, 1])
    // Not a product with 0: what is not finite elsewhere would spread.
    const means = where(weight.equal(0), 0, read.mul(weight)).sum({ axis: 1 })
    return means.reshape([k, OH, OW, C]).permute([0, 3, 1, 2])
  })
}

type Settings = Required<RoIAlignOptions>

function checkOptions(operation: string, options: RoIAlignOptions): Settings {
  const { spatialScale = 1, samplingRatio = 0, aligned = false } = options
  checkScale(operation, spatialScale)
  if (!Number.isSafeInteger(samplingRatio))
    throw new ValueError(`${operation}: samplingRatio is not an integer: ${samplingRatio}`)
  return { spatialScale, samplingRatio, aligned }
}

/** The most points that a bin has along each axis. @throws ValueError */
function pointsOf(rows: Tensor, [OH, OW]: Pair, settings: Settings): Pair {
  const { samplingRatio, spatialScale, aligned } = settings
  if (samplingRatio > 0) return [samplingRatio, samplingRatio]
  const known = hostValues(rows)
  if (!known) {
    throw new ValueError(
      'roiAlign: without samplingRatio the boxes must come from the host: give a samplingRatio, or tensor(await boxes.data())',
    )
  }
  let most: Pair = [1, 1]
  for (let k = 0; k < known.length; k += 5) {
    const [, x1, y1, x2, y2] = known.slice(k, k + 5) as unknown as [number, number, number, number, number]
    const extent = (from: number, to: number): number =>
      aligned ? (to - from) * spatialScale : Math.max((to - from) * spatialScale, 1)
    // One more than needed costs little; one less would be wrong.
    most = [
      Math.max(most[0], Math.ceil(extent(y1, y2) / OH + 1e-4)),
      Math.max(most[1], Math.ceil(extent(x1, x2) / OW + 1e-4)),
    ]
  }
  return most
}

/**
 * What each bin reads along one axis, `[K, bins, 2 · points]`: positions and weights of the pixels before all its
 * points, then of those after.
 */
function tapsAlong(
  rows: Tensor,
  first: 0 | 1,
  size: number,
  bins: number,
  points: number,
  { spatialScale, samplingRatio, aligned }: Settings,
): { positions: Tensor; weights: Tensor } {
  const offset = aligned ? 0.5 : 0
  const edge = (column: number): Tensor =>
    rows
      .slice([undefined, [column, column + 1]])
      .mul(spatialScale)
      .sub(offset)
      .reshape([-1, 1, 1])
  const start = edge(1 + first)
  const length = edge(3 + first).sub(start)
  const extent = aligned ? length : length.maximum(1)
  const bin = extent.div(bins)
  const count = samplingRatio > 0 ? tensor(samplingRatio) : bin.ceil()
  const step = bin.div(count)
  const bin0 = arange(bins).reshape([1, bins, 1]).mul(bin)
  const point = arange(points).reshape([1, 1, points])
  const at = start.add(bin0).add(point.add(0.5).mul(step))
  const used = at.greaterEqual(-1).logicalAnd(at.lessEqual(size)).logicalAnd(point.less(count))
  const inside = at.clamp({ min: 0, max: size - 1 })
  const before = inside.floor()
  const share = where(used, count.maximum(1).reciprocal(), 0)
  const after = inside.sub(before)
  const low = before.cast('int32')
  return {
    positions: concat([low, low.add(1).minimum(size - 1)], { axis: 2 }),
    weights: concat([share.mul(after.neg().add(1)), share.mul(after)], { axis: 2 }),
  }
}

/** `roiAlign` as a layer. */
export class RoIAlign extends Module {
  readonly outputSize: Pair
  readonly options: Readonly<RoIAlignOptions>

  /**
   * @param outputSize a number, or [height, width]
   * @throws ValueError when a size is out of range
   */
  constructor(outputSize: PairLike, options: RoIAlignOptions = {}) {
    super()
    this.outputSize = pair('RoIAlign', 'outputSize', outputSize, 1)
    this.options = checkOptions('RoIAlign', options)
  }

  /**
   * @param features `[N, C, H, W]`
   * @param boxes `[K, 5]`, rows `image, x1, y1, x2, y2`, or for each image its `[L, 4]`
   * @returns `[K, C, OH, OW]`
   * @throws ShapeError, IndexError, ValueError as `roiAlign`
   */
  forward(features: Tensor, boxes: Regions): Tensor {
    return roiAlign(features, boxes, this.outputSize, this.options)
  }

  override toString(): string {
    return `RoIAlign(${this.outputSize.join('x')})`
  }
}
