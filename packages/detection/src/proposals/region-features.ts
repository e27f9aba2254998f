import type { Segmentation } from './graph-segmentation.ts'
import { filterPlane, gaussian, gaussianSlope, type Planes } from './pixels.ts'

/** Part of an image, and what it looks like. */
export interface RegionFeatures {
  /** Pixels. */
  readonly size: number
  /** x1, y1, x2, y2: edges, so that x2 − x1 is the width. */
  readonly box: readonly [number, number, number, number]
  /** 25 bins for each channel, of sum 1. */
  readonly color: Float64Array
  /** 10 bins for each of eight directions of each channel, of sum 1. */
  readonly texture: Float64Array
}

const COLOR_BINS = 25
const TEXTURE_BINS = 10
const DIRECTIONS = 8
/** The steepest that a Gaussian slope with σ = 1 gets for values from 0 to 255: 255 / √(2π). */
const STEEPEST = 255 / Math.sqrt(2 * Math.PI)

/** What the pixels of an image look like, as bins of histograms: the same for any segments. */
interface PixelBins {
  readonly color: readonly Uint8Array[]
  readonly texture: readonly Uint8Array[]
}

export function pixelBins(planes: Planes, width: number, height: number): PixelBins {
  const binned = (list: readonly Float32Array[], bins: number, most: number): Uint8Array[] =>
    list.map((plane) => {
      // A loop: typed arrays made by a function from each element cost ten times as much.
      const result = new Uint8Array(plane.length)
      for (let i = 0; i < plane.length; i++)
        result[i] = Math.min(bins - 1, Math.max(0, Math.floor((plane[i]! / most) * bins)))
      return result
    })
  return {
    color: binned(planes, COLOR_BINS, 256),
    texture: binned(slopesOf(planes, width, height), TEXTURE_BINS, STEEPEST),
  }
}

/** The segments of an image as regions, in their order. */
export function regionsOf(
  { width, height, labels, count }: Segmentation,
  pixels: PixelBins,
): RegionFeatures[] {
  const sizes = new Int32Array(count)
  const boxes = Array.from({ length: count }, () => [width, height, 0, 0] as [number, number, number, number])
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const label = labels[i]!
      const box = boxes[label]!
      sizes[label]!++
      box[0] = Math.min(box[0], x)
      box[1] = Math.min(box[1], y)
      box[2] = Math.max(box[2], x + 1)
      box[3] = Math.max(box[3], y + 1)
    }
  }
  const colors = histograms(labels, sizes, pixels.color, COLOR_BINS)
  const textures = histograms(labels, sizes, pixels.texture, TEXTURE_BINS)
  return boxes.map((box, label) => ({
    size: sizes[label]!,
    box,
    color: colors[label]!,
    texture: textures[label]!,
  }))
}

/** How steeply each plane rises in each of eight directions; 0 where it falls. */
function slopesOf(planes: Planes, width: number, height: number): Float32Array[] {
  const [bell, slope] = [gaussian(1), gaussianSlope(1)]
  return planes.flatMap((plane) => {
    const x = filterPlane(plane, width, height, slope, bell)
    const y = filterPlane(plane, width, height, bell, slope)
    return Array.from({ length: DIRECTIONS }, (_, d) => {
      const angle = (2 * Math.PI * d) / DIRECTIONS
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
      const rise = new Float32Array(x.length)
      for (let i = 0; i < x.length; i++) rise[i] = Math.max(0, cos * x[i]! + sin * y[i]!)
      return rise
    })
  })
}

/** For each label, the histograms of all planes one after the other, of sum 1 together. */
function histograms(
  labels: Int32Array,
  sizes: Int32Array,
  planes: readonly Uint8Array[],
  bins: number,
): Float64Array[] {
  const counts = new Float64Array(sizes.length * planes.length * bins)
  for (const [p, plane] of planes.entries()) {
    for (let i = 0; i < plane.length; i++) counts[(labels[i]! * planes.length + p) * bins + plane[i]!]!++
  }
  const length = planes.length * bins
  return Array.from(sizes, (size, label) =>
    counts.subarray(label * length, (label + 1) * length).map((value) => value / (size * planes.length)),
  )
}

/** Two regions as one: histograms are means by size. */
export function mergeRegions(a: RegionFeatures, b: RegionFeatures): RegionFeatures {
  const size = a.size + b.size
  const mean = (x: Float64Array, y: Float64Array): Float64Array =>
    x.map((value, i) => (a.size * value + b.size * y[i]!) / size)
  return { size, box: hull(a.box, b.box), color: mean(a.color, b.color), texture: mean(a.texture, b.texture) }
}

/** What makes regions alike. */
export type RegionSimilarity = 'color' | 'texture' | 'size' | 'fill'

/** Each from 0 to 1. @see Uijlings et al. 2013, equations 2 to 6 */
export const similarities: Record<
  RegionSimilarity,
  (a: RegionFeatures, b: RegionFeatures, imageSize: number) => number
> = {
  color: (a, b) => shared(a.color, b.color),
  texture: (a, b) => shared(a.texture, b.texture),
  // Small regions first, all over the image.
  size: (a, b, imageSize) => 1 - (a.size + b.size) / imageSize,
  // Regions that fit into each other.
  fill: (a, b, imageSize) => {
    const [x1, y1, x2, y2] = hull(a.box, b.box)
    return 1 - ((x2 - x1) * (y2 - y1) - a.size - b.size) / imageSize
  },
}

function shared(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += Math.min(a[i]!, b[i]!)
  return sum
}

function hull(a: RegionFeatures['box'], b: RegionFeatures['box']): RegionFeatures['box'] {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])]
}
