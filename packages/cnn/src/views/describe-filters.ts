import { ShapeError } from '@badak/tensor'
import type { Module } from '@badak/layers'
import { type Fit, shapeFitter, type Spot, type Wave } from './filter-shapes.ts'
import { filterWeights } from './filters.ts'

/** What a filter looks for. */
export interface FilterDescription {
  /** `edge` for edges, bars and waves, `blob` for spots with or without a surround, or neither. */
  readonly kind: 'edge' | 'blob' | 'other'
  /** The share of the weights' energy, 0 to 1, that the best edge or blob explains. */
  readonly fit: number
  /**
   * Of the best edge: the direction along which it runs, in degrees from 0 (horizontal) through 45 (up to the
   * right) and 90 (vertical) to 180.
   */
  readonly orientation: number
  /** Of the best edge, in cycles per pixel. */
  readonly frequency: number
  /** The share of the energy, 0 to 1, in which the channels differ: 0 is a grey filter, 1 compares colours. */
  readonly colour: number
}

/**
 * Says what the filters of a first layer have become: edges with their orientation, blobs, or neither.
 *
 * Each filter is fitted by a wave under a Gaussian window (Gabor) and by a difference of Gaussians, after the
 * channels have been joined to the plane that explains most of it. It is called by the name of the better one
 * if that explains half of its energy, and more than it explains in 95 of 100 filters of noise of that size.
 * That is much for small filters: 61 % for 5×5, and 95 % for 3×3, of which only the plainest can be told.
 *
 * @param layer one whose weight is `[O, C, KH, KW]`
 * @returns one for each of the O filters
 * @throws ShapeError when the layer has no such weight, or its kernels have fewer than nine elements
 * @see Daugman 1985, doi:10.1364/JOSAA.2.001160, for the waves
 * @see Zeiler & Fergus 2013, arXiv:1311.2901, for what first layers learn
 * @example
 * ```ts
 * const edges = (await describeFilters(model.at(0))).filter(({ kind }) => kind === 'edge')
 * ```
 */
export async function describeFilters(layer: Module): Promise<FilterDescription[]> {
  const weight = filterWeights('describeFilters', layer)
  const [O, C, height, width] = weight.shape as [number, number, number, number]
  if (height * width < 9) {
    throw new ShapeError(
      `describeFilters: kernels of ${height}x${width} have no shape that can be told: [${weight.shape}]`,
    )
  }
  const values = Float64Array.from(await weight.data())
  const fitter = shapeFitter(height, width)
  const noise = shareOfNoise(height * width)
  return Array.from({ length: O }, (_, o) => {
    const size = C * height * width
    const planes = Array.from({ length: C }, (__, c) =>
      values.subarray(o * size + c * height * width, o * size + (c + 1) * height * width),
    )
    const plane = principalPlane(planes)
    return describe(fitter.wave(plane), fitter.spot(plane), Math.max(0.5, noise), colourOf(planes))
  })
}

function describe(wave: Fit<Wave>, spot: Fit<Spot>, least: number, colour: number): FilterDescription {
  const fit = Math.max(wave.share, spot.share)
  const name = wave.share > spot.share ? 'edge' : 'blob'
  // The edge runs across the direction of the wave; rows are counted downwards, angles upwards.
  const turned = 90 - (wave.shape.direction * 180) / Math.PI
  return {
    kind: fit > least ? name : 'other',
    fit,
    orientation: ((turned % 180) + 180) % 180,
    frequency: wave.shape.frequency,
    colour,
  }
}

/**
 * What the better of both shapes explains of noise in 95 of 100 planes, by the number of pixels: measured on
 * 200 planes of each size, of normally distributed weights.
 */
const noiseShares = [
  [9, 0.949],
  [16, 0.802],
  [25, 0.61],
  [49, 0.361],
  [81, 0.234],
  [121, 0.162],
] as const

function shareOfNoise(pixels: number): number {
  const above = noiseShares.findIndex(([count]) => count >= pixels)
  if (above < 0) return (noiseShares.at(-1)![1] * noiseShares.at(-1)![0]) / pixels
  const [to, upper] = noiseShares[above]!
  const [from, lower] = noiseShares[Math.max(0, above - 1)]!
  return from === to ? upper : lower + ((upper - lower) * (pixels - from)) / (to - from)
}

/**
 * The mixture of the planes that explains most of them all: their first principal component, by power
 * iteration.
 */
function principalPlane(planes: readonly Float64Array[]): Float64Array {
  const products = planes.map((a) => planes.map((b) => dot(a, b)))
  // The plane with the most energy is not at right angles to the component.
  const strongest = products.reduce((best, row, c) => (row[c]! > products[best]![best]! ? c : best), 0)
  let mixture = planes.map((_, c) => Number(c === strongest))
  for (let iteration = 0; iteration < 200; iteration++) {
    const next = products.map((row) => row.reduce((sum, product, c) => sum + product * mixture[c]!, 0))
    const length = Math.hypot(...next)
    if (length === 0) break
    mixture = next.map((each) => each / length)
  }
  return planes[0]!.map((_, i) => planes.reduce((sum, plane, c) => sum + mixture[c]! * plane[i]!, 0))
}

/** What is left of the energy when each pixel's channels are replaced by their mean. */
function colourOf(planes: readonly Float64Array[]): number {
  const energy = planes.reduce((sum, plane) => sum + dot(plane, plane), 0)
  const grey = planes[0]!.map((_, i) => planes.reduce((sum, plane) => sum + plane[i]!, 0) / planes.length)
  return energy === 0 ? 0 : Math.max(0, 1 - (dot(grey, grey) * planes.length) / energy)
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
