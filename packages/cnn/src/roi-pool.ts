import { ValueError, gather, hostValues, maxPool2d, stopGradient, take, tensor, where } from '@badak/tensor'
import type { PairLike, Tensor } from '@badak/tensor'
import { Module } from '@badak/layers'
import { checkScale, inParts, noRegions, pixelRows, regionRows, type Regions } from './regions.ts'
import { checkRank, pair, type Pair } from './size.ts'

/** How regions are read. */
export interface RoIPoolOptions {
  /** Pixels of the features per unit of the boxes, such as 1/16; default 1. */
  spatialScale?: number
}

/**
 * Regions of images in one size: the largest value of each bin of a region, whose edges are rounded to pixels.
 * Bins outside of the image are 0. `roiAlign` does not round, and is the better choice for a new network.
 *
 * Gradients flow to the features, not to the boxes.
 *
 * @param features `[N, C, H, W]`
 * @param boxes `[K, 5]`, rows `image, x1, y1, x2, y2`, or for each image its `[L, 4]`; from the host, since they
 *   say how much is read
 * @param outputSize a number, or [height, width]
 * @returns `[K, C, OH, OW]`
 * @throws ShapeError when `features` has another rank or the boxes another shape
 * @throws IndexError when a box is of an image that is not there
 * @throws ValueError when a size is out of range, or the boxes do not come from the host
 * @see Girshick 2015, arXiv:1504.08083
 */
export function roiPool(
  features: Tensor,
  boxes: Regions,
  outputSize: PairLike,
  { spatialScale = 1 }: RoIPoolOptions = {},
): Tensor {
  const [OH, OW] = pair('roiPool', 'outputSize', outputSize, 1)
  checkScale('roiPool', spatialScale)
  checkRank('roiPool', features, 4)
  const [N, C, H, W] = features.shape as [number, number, number, number]
  const rows = regionRows('roiPool', boxes, N)
  const known = hostValues(rows)
  if (!known)
    throw new ValueError('roiPool: the boxes must come from the host: give tensor(await boxes.data())')
  const K = rows.shape[0]!
  if (K * N * C * H * W === 0) return noRegions(features, [K, C, OH, OW])
  const edge = (k: number, column: number): number => roundedEdge(known[5 * k + column]!, spatialScale)
  const regions = Array.from({ length: K }, (_, k) => k)
  const y = binsAlong(
    regions.map((k) => [edge(k, 2), edge(k, 4)]),
    H,
    OH,
  )
  const x = binsAlong(
    regions.map((k) => [edge(k, 1), edge(k, 3)]),
    W,
    OW,
  )
  const images = tensor(Int32Array.from(regions, (k) => known[5 * k]! * H * W)).reshape([K, 1, 1])
  const pixels = pixelRows(stopGradient(features))
  const planes = features.permute([1, 0, 2, 3]).reshape([C, N * H * W])
  return inParts(K, OH * y.largest * OW * x.largest, C, (start, stop) => {
    const part = (all: Tensor): Tensor => all.slice([[start, stop]])
    const k = stop - start
    const index = part(images).add(part(y.positions).mul(W).unsqueeze(2)).add(part(x.positions).unsqueeze(1))
    const read = take(pixels, index.reshape([-1])).reshape([k, OH * y.largest, OW * x.largest, C])
    const { indices } = maxPool2d(read.permute([0, 3, 1, 2]), {
      kernel: [y.largest, x.largest],
      returnIndices: true,
    })
    // Where the largest values lie in the features: only these get a gradient.
    const places = gather(
      index.reshape([k, 1, -1]).expand([k, C, index.size / k]),
      indices.reshape([k, C, OH * OW]),
      { axis: 2 },
    )
    const values = gather(planes, places.permute([1, 0, 2]).reshape([C, k * OH * OW]), { axis: 1 })
    const pooled = values.reshape([C, k, OH, OW]).permute([1, 0, 2, 3])
    const empty = part(y.empty)
      .reshape([k, 1, OH, 1])
      .logicalOr(part(x.empty).reshape([k, 1, 1, OW]))
    return where(empty, 0, pooled)
  })
}

/** In single precision, as torchvision computes it; halves away from 0. */
function roundedEdge(value: number, scale: number): number {
  const scaled = Math.fround(Math.fround(value) * Math.fround(scale))
  return Math.sign(scaled) * Math.round(Math.abs(scaled))
}

/** What the bins of all regions read along one axis. */
interface BinReadings {
  /** `[K, bins · largest]`; a smaller bin repeats its last position. */
  readonly positions: Tensor
  /** `[K, bins]` */
  readonly empty: Tensor
  readonly largest: number
}

function binsAlong(edges: readonly (readonly [number, number])[], size: number, bins: number): BinReadings {
  const ranges = edges.flatMap(([start, end]) => {
    const bin = Math.fround(Math.max(end - start + 1, 1) / bins)
    const inside = (at: number): number => Math.min(Math.max(at + start, 0), size)
    return Array.from(
      { length: bins },
      (_, i) =>
        [inside(Math.floor(Math.fround(i * bin))), inside(Math.ceil(Math.fround((i + 1) * bin)))] as const,
    )
  })
  const largest = Math.max(1, ...ranges.map(([from, to]) => to - from))
  const positions = ranges.flatMap(([from, to]) =>
    Array.from({ length: largest }, (_, k) => Math.max(0, Math.min(from + k, to - 1, size - 1))),
  )
  const empty = ranges.map(([from, to]) => Number(to <= from))
  return {
    positions: tensor(Int32Array.from(positions), { shape: [edges.length, bins * largest] }),
    empty: tensor(Uint8Array.from(empty), { shape: [edges.length, bins] }).cast('bool'),
    largest,
  }
}

/** `roiPool` as a layer. */
export class RoIPool extends Module {
  readonly outputSize: Pair
  readonly spatialScale: number

  /**
   * @param outputSize a number, or [height, width]
   * @throws ValueError when a size is out of range
   */
  constructor(outputSize: PairLike, { spatialScale = 1 }: RoIPoolOptions = {}) {
    super()
    this.outputSize = pair('RoIPool', 'outputSize', outputSize, 1)
    checkScale('RoIPool', spatialScale)
    this.spatialScale = spatialScale
  }

  /**
   * @param features `[N, C, H, W]`
   * @param boxes `[K, 5]`, rows `image, x1, y1, x2, y2`, or for each image its `[L, 4]`
   * @returns `[K, C, OH, OW]`
   * @throws ShapeError, IndexError, ValueError as `roiPool`
   */
  forward(features: Tensor, boxes: Regions): Tensor {
    return roiPool(features, boxes, this.outputSize, { spatialScale: this.spatialScale })
  }

  override toString(): string {
    return `RoIPool(${this.outputSize.join('x')})`
  }
}
