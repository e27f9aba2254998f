import { IndexError, ShapeError, ValueError, concat, hostValues, tensor } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'

/**
 * Regions of images: `[K, 5]`, rows `image, x1, y1, x2, y2`; or for each image its own `[L, 4]`, rows
 * `x1, y1, x2, y2`.
 */
export type Regions = Tensor | readonly Tensor[]

/** One region per row, `[K, 5]`. @throws ShapeError, IndexError */
export function regionRows(operation: string, regions: Regions, images: number): Tensor {
  const isList = Array.isArray(regions)
  if (isList && regions.length !== images) {
    throw new ShapeError(`${operation}: ${regions.length} lists of boxes for ${images} images`)
  }
  const width = isList ? 4 : 5
  const parts = isList ? (regions as readonly Tensor[]) : [regions as Tensor]
  for (const { rank, shape } of parts) {
    if (rank !== 2 || shape[1] !== width)
      throw new ShapeError(`${operation}: boxes are not [${isList ? 'L, 4' : 'K, 5'}]: [${shape.join(',')}]`)
  }
  if (!isList) return checkImages(operation, regions as Tensor, images)
  if (parts.length === 0) return tensor(new Float32Array(0), { shape: [0, 5] })
  const numbered = parts.map((boxes, image) => {
    const known = hostValues(boxes)
    if (!known)
      return concat([tensor(image).expand([boxes.shape[0]!, 1]), boxes.cast('float32')], { axis: 1 })
    // What the host knows stays known to it.
    const rows = Array.from({ length: boxes.shape[0]! }, (_, k) => [image, ...known.slice(4 * k, 4 * k + 4)])
    return tensor(Float32Array.from(rows.flat()), { shape: [rows.length, 5] })
  })
  const values = numbered.map((rows) => hostValues(rows))
  if (!values.every((known) => known !== undefined)) return concat(numbered, { axis: 0 })
  const all = values.flatMap((known) => [...known])
  return tensor(Float32Array.from(all), { shape: [all.length / 5, 5] })
}

function checkImages(operation: string, rows: Tensor, images: number): Tensor {
  const known = hostValues(rows)
  if (!known) return rows.cast('float32')
  for (let k = 0; k < known.length; k += 5) {
    const image = known[k]!
    if (!Number.isInteger(image) || image < 0 || image >= images)
      throw new IndexError(`${operation}: box ${k / 5} is of image ${image}, of ${images}`)
  }
  return rows.dtype === 'float32' ? rows : tensor(Float32Array.from(known), { shape: rows.shape })
}

/** @throws ValueError when the pixels of the features per unit of the boxes are no positive number */
export function checkScale(operation: string, spatialScale: number): void {
  if (!Number.isFinite(spatialScale) || spatialScale <= 0)
    throw new ValueError(`${operation}: spatialScale is not a positive number: ${spatialScale}`)
}

/** Pixels as rows of their channels, `[N·H·W, C]`: what regions are read from. */
export function pixelRows(features: Tensor): Tensor {
  const [N, C, H, W] = features.shape as [number, number, number, number]
  return features.permute([0, 2, 3, 1]).reshape([N * H * W, C])
}

/** What is read where there is nothing to read: zeros, which features have a part in, so that `backward` finds them. */
export function noRegions(features: Tensor, shape: readonly number[]): Tensor {
  return features
    .flatten()
    .slice([[0, 0]])
    .sum()
    .expand(shape)
}

/** Bytes that the pixels read for some regions may take at once. */
const BYTES_AT_ONCE = 16 * 2 ** 20

/**
 * Applies `pool` to some of `count` regions at a time, so that what it reads does not need memory for all of
 * them.
 *
 * @param readings pixels read for each region
 * @param pool from a range of regions to their results
 */
export function inParts(
  count: number,
  readings: number,
  channels: number,
  pool: (start: number, stop: number) => Tensor,
): Tensor {
  const step = Math.max(1, Math.floor(BYTES_AT_ONCE / (4 * Math.max(1, readings * channels))))
  const starts = Array.from({ length: Math.ceil(count / step) }, (_, part) => part * step)
  return concat(
    starts.map((start) => pool(start, Math.min(start + step, count))),
    { axis: 0 },
  )
}
