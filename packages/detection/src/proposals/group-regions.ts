import { ShapeError, ValueError } from '@badak/tensor'
import type { Segmentation } from './graph-segmentation.ts'
import { checkImageLike, planesOf, type ColorSpace, type ImageLike } from './pixels.ts'
import {
  mergeRegions,
  pixelBins,
  regionsOf,
  similarities,
  type RegionFeatures,
  type RegionSimilarity,
} from './region-features.ts'

/** By what regions are joined. */
export interface GroupRegionsOptions {
  /** What makes regions alike; their similarities are added up; default all four. */
  similarity?: readonly RegionSimilarity[]
  /** In which terms colours and textures are compared; default `rgb`. */
  colorSpace?: ColorSpace
}

/** A region of the hierarchy. */
export interface Region {
  /** x1, y1, x2, y2 in pixels. */
  readonly box: readonly [number, number, number, number]
  /** How many pixels it has. */
  readonly size: number
  /** The positions of the two regions it was joined from; undefined for a segment. */
  readonly parts?: readonly [number, number]
  /** How alike these were. */
  readonly similarity?: number
}

/**
 * Joins the segments of an image, the two most alike neighbours first, until one region is left.
 *
 * @param segmentation of `graphSegmentation`
 * @returns the segments in their order, then every region that came of joining, in the order it came
 * @throws ShapeError when image and segmentation are of different sizes
 * @throws ValueError when there is no similarity, or no such one
 * @see Uijlings, van de Sande, Gevers & Smeulders 2013, doi:10.1007/s11263-013-0620-5, algorithm 1
 */
export function groupRegions(
  image: ImageLike,
  segmentation: Segmentation,
  options: GroupRegionsOptions = {},
): Region[] {
  const name = 'groupRegions'
  const { similarity = ['color', 'texture', 'size', 'fill'], colorSpace = 'rgb' } = options
  checkImageLike(name, image)
  if (image.width !== segmentation.width || image.height !== segmentation.height) {
    throw new ShapeError(
      `${name}: the image is ${image.height}x${image.width}, its segmentation ${segmentation.height}x${segmentation.width}`,
    )
  }
  const unknown = similarity.find((kind) => !Object.hasOwn(similarities, kind))
  if (similarity.length === 0 || unknown !== undefined)
    throw new ValueError(`${name}: similarity is not of color, texture, size, fill: ${unknown ?? 'none'}`)
  const pixels = pixelBins(planesOf(name, image, colorSpace), image.width, image.height)
  return groupFeatures(regionsOf(segmentation, pixels), segmentation, similarity)
}

/** @internal */
export function groupFeatures(
  segments: readonly RegionFeatures[],
  segmentation: Segmentation,
  similarity: readonly RegionSimilarity[],
): Region[] {
  const features = [...segments]
  const neighbours = neighboursOf(segmentation)
  const imageSize = segmentation.width * segmentation.height
  const compare = (a: number, b: number): number =>
    similarity.reduce((sum, kind) => sum + similarities[kind](features[a]!, features[b]!, imageSize), 0)
  const regions: Region[] = features.map(({ box, size }) => ({ box, size }))
  const pairs = new PairHeap()
  for (const [a, others] of neighbours.entries())
    for (const b of others) if (a < b) pairs.push({ a, b, similarity: compare(a, b) })
  for (let pair = pairs.pop(); pair; pair = pairs.pop()) {
    const { a, b } = pair
    // One of them has become part of another region since.
    if (!neighbours[a]!.has(b)) continue
    const joined = features.length
    features.push(mergeRegions(features[a]!, features[b]!))
    const { box, size } = features[joined]!
    regions.push({ box, size, parts: [a, b], similarity: pair.similarity })
    const around = new Set([...neighbours[a]!, ...neighbours[b]!])
    around.delete(a)
    around.delete(b)
    neighbours.push(around)
    neighbours[a] = neighbours[b] = new Set()
    for (const other of around) {
      const own = neighbours[other]!
      own.delete(a)
      own.delete(b)
      own.add(joined)
      pairs.push({ a: other, b: joined, similarity: compare(other, joined) })
    }
  }
  return regions
}

/** For each segment, those it touches at a side or a corner, as pixels do. */
function neighboursOf({ width, height, labels, count }: Segmentation): Set<number>[] {
  const neighbours = Array.from({ length: count }, () => new Set<number>())
  const touch = (a: number, b: number): void => {
    if (a === b) return
    neighbours[a]!.add(b)
    neighbours[b]!.add(a)
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x
      if (x + 1 < width) touch(labels[i]!, labels[i + 1]!)
      if (y + 1 === height) continue
      touch(labels[i]!, labels[i + width]!)
      if (x + 1 < width) touch(labels[i]!, labels[i + width + 1]!)
      if (x > 0) touch(labels[i]!, labels[i + width - 1]!)
    }
  }
  return neighbours
}

interface Pair {
  readonly a: number
  readonly b: number
  readonly similarity: number
}

/** Pairs, the most alike first; of equal ones the older regions. */
class PairHeap {
  readonly #pairs: Pair[] = []

  push(pair: Pair): void {
    const pairs = this.#pairs
    let at = pairs.push(pair) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!isBefore(pair, pairs[above]!)) break
      pairs[at] = pairs[above]!
      at = above
    }
    pairs[at] = pair
  }

  pop(): Pair | undefined {
    const pairs = this.#pairs
    const first = pairs[0]
    const last = pairs.pop()
    if (!last || pairs.length === 0) return first
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= pairs.length) break
      if (below + 1 < pairs.length && isBefore(pairs[below + 1]!, pairs[below]!)) below++
      if (!isBefore(pairs[below]!, last)) break
      pairs[at] = pairs[below]!
      at = below
    }
    pairs[at] = last
    return first
  }
}

function isBefore(x: Pair, y: Pair): boolean {
  if (x.similarity !== y.similarity) return x.similarity > y.similarity
  return x.b === y.b ? x.a < y.a : x.b < y.b
}
