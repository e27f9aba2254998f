import { Generator, ValueError } from '@badak/tensor'
import { cutGraph, pixelGraph } from './graph-segmentation.ts'
import { groupFeatures } from './group-regions.ts'
import { checkImageLike, planesOf, type ColorSpace, type ImageLike } from './pixels.ts'
import { pixelBins, regionsOf, type RegionSimilarity } from './region-features.ts'

/** Which hierarchies are made of an image. */
export interface SelectiveSearchOptions {
  /**
   * `'single'`: one hierarchy; `'fast'` (default): two colour spaces, two sizes of segments, with and without colour,
   * eight hierarchies; `'quality'`: three, four and four, 48.
   */
  strategy?: 'single' | 'fast' | 'quality'
  /** Sizes of segments to begin with: k of `graphSegmentation`; default those of the strategy. */
  scales?: readonly number[]
  /** Pixels that a box has at least along each side; default 1. */
  minSide?: number
  /** The most boxes; default all. */
  limit?: number
  /** Chooses how the hierarchies are mixed; boxes that came late in one of them tend to come first; default 0. */
  seed?: number
}

interface Strategy {
  readonly colorSpaces: readonly ColorSpace[]
  readonly scales: readonly number[]
  readonly similarities: readonly (readonly RegionSimilarity[])[]
}

const strategies: Record<'single' | 'fast' | 'quality', Strategy> = {
  single: { colorSpaces: ['hsv'], scales: [100], similarities: [['color', 'texture', 'size', 'fill']] },
  fast: {
    colorSpaces: ['hsv', 'lab'],
    scales: [50, 100],
    similarities: [
      ['color', 'texture', 'size', 'fill'],
      ['texture', 'size', 'fill'],
    ],
  },
  quality: {
    colorSpaces: ['hsv', 'lab', 'rgb'],
    scales: [50, 100, 150, 300],
    similarities: [['color', 'texture', 'size', 'fill'], ['texture', 'size', 'fill'], ['fill'], ['size']],
  },
}

/**
 * Boxes where objects may be, of any class: those of all regions of hierarchies made by joining what looks alike.
 * The same image and seed give the same boxes.
 *
 * @returns `[N, 4]`, rows `x1, y1, x2, y2` in pixels, none twice; the earlier, the likelier an object
 * @throws ShapeError when the data are not as many as the sides say
 * @throws ValueError when there are no such channels, or an option is out of its range
 * @example
 * ```ts
 * const boxes = selectiveSearch(image, { strategy: 'fast', minSide: 8, limit: 500 })
 * ```
 * @see Uijlings, van de Sande, Gevers & Smeulders 2013, doi:10.1007/s11263-013-0620-5
 */
export function selectiveSearch(image: ImageLike, options: SelectiveSearchOptions = {}): Float32Array {
  const name = 'selectiveSearch'
  const { strategy = 'fast', minSide = 1, limit = Infinity, seed = 0 } = options
  checkImageLike(name, image)
  if (!Object.hasOwn(strategies, strategy))
    throw new ValueError(`${name}: strategy is not single, fast or quality: ${strategy}`)
  const { colorSpaces, similarities, ...own } = strategies[strategy]
  const { scales = own.scales } = options
  const bad = scales.find((scale) => !(scale >= 0 && scale < Infinity))
  if (bad !== undefined) throw new ValueError(`${name}: a scale is not a number ≥ 0: ${bad}`)
  for (const [what, value] of Object.entries({ minSide, limit }))
    if (!(value >= 0)) throw new ValueError(`${name}: ${what} is not a number ≥ 0: ${value}`)
  const generator = new Generator(seed)
  const best = new Map<string, Candidate>()
  for (const colorSpace of colorSpaces) {
    const planes = planesOf(name, image, colorSpace)
    const graph = pixelGraph(planes, image.width, image.height, 0.8)
    const pixels = pixelBins(planes, image.width, image.height)
    for (const scale of scales) {
      // As in the paper, the least size is k as well.
      const segmentation = cutGraph(graph, scale, scale)
      const segments = regionsOf(segmentation, pixels)
      for (const similarity of similarities) {
        const regions = groupFeatures(segments, segmentation, similarity).reverse()
        for (const [i, { box }] of regions.entries()) {
          // What came last in a hierarchy has rank 1; chance mixes the hierarchies.
          const rank = generator.uniform() * (i + 1)
          const known = best.get(box.join())
          if (!known || rank < known.rank) best.set(box.join(), { box, rank })
        }
      }
    }
  }
  const boxes = [...best.values()]
    .filter(({ box: [x1, y1, x2, y2] }) => x2 - x1 >= minSide && y2 - y1 >= minSide)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, limit)
  return Float32Array.from(boxes.flatMap(({ box }) => box))
}

interface Candidate {
  readonly box: readonly [number, number, number, number]
  readonly rank: number
}
