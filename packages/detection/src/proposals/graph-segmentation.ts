import { ValueError } from '@badak/tensor'
import { ascendingOrder } from '../order.ts'
import {
  checkImageLike,
  filterPlane,
  gaussian,
  planesOf,
  type ColorSpace,
  type ImageLike,
  type Planes,
} from './pixels.ts'

/** How large segments become. */
export interface GraphSegmentationOptions {
  /** The larger, the larger segments become: k of the paper, for colours from 0 to 255; default 100. */
  scale?: number
  /** Standard deviation, in pixels, of the Gaussian that smooths the image before; default 0.8. */
  sigma?: number
  /** Segments of fewer pixels are joined with a neighbour; default 20. */
  minSize?: number
  /** In which terms colours are compared; default `rgb`. */
  colorSpace?: ColorSpace
}

/** An image cut into segments. */
export interface Segmentation {
  readonly width: number
  readonly height: number
  /** `[height, width]`: the number of each pixel's segment, from 0, in the order of their first pixels. */
  readonly labels: Int32Array
  /** How many segments there are. */
  readonly count: number
}

/**
 * Cuts an image into segments: pixels are joined with their eight neighbours, the most similar first, as long as
 * the difference between two segments is less than the largest within each plus `scale` / its size.
 *
 * @throws ShapeError when the data are not as many as the sides say
 * @throws ValueError when there are no such channels, or an option is out of its range
 * @see Felzenszwalb & Huttenlocher 2004, doi:10.1023/B:VISI.0000022288.19776.77
 */
export function graphSegmentation(image: ImageLike, options: GraphSegmentationOptions = {}): Segmentation {
  const name = 'graphSegmentation'
  const { scale = 100, sigma = 0.8, minSize = 20, colorSpace = 'rgb' } = options
  checkImageLike(name, image)
  for (const [what, value] of Object.entries({ scale, sigma, minSize })) {
    if (!(value >= 0 && value < Infinity))
      throw new ValueError(`${name}: ${what} is not a number ≥ 0: ${value}`)
  }
  const planes = planesOf(name, image, colorSpace)
  return cutGraph(pixelGraph(planes, image.width, image.height, sigma), scale, minSize)
}

/** The pixels of an image as a graph: the same for segments of any size. */
interface PixelGraph {
  readonly width: number
  readonly height: number
  readonly from: Int32Array
  readonly to: Int32Array
  /** How different the pixels at the ends of each edge are. */
  readonly costs: Float32Array
  /** Positions of the edges by their costs. */
  readonly order: Int32Array
}

/** @internal */
export function pixelGraph(planes: Planes, width: number, height: number, sigma: number): PixelGraph {
  const bell = gaussian(sigma)
  const smooth = planes.map((plane) => filterPlane(plane, width, height, bell, bell)) as unknown as Planes
  const edges = edgesOf(smooth, width, height)
  return { width, height, ...edges, order: ascendingOrder(edges.costs) }
}

/** @internal */
export function cutGraph(
  { width, height, from, to, costs, order }: PixelGraph,
  scale: number,
  minSize: number,
): Segmentation {
  const forest = new Forest(width * height)
  // How different pixels within a segment are, and how much more it may take.
  const limit = new Float64Array(width * height).fill(scale)
  for (const edge of order) {
    const [a, b] = [forest.root(from[edge]!), forest.root(to[edge]!)]
    const cost = costs[edge]!
    if (a === b || cost >= Math.min(limit[a]!, limit[b]!)) continue
    const joined = forest.join(a, b)
    limit[joined] = cost + scale / forest.sizes[joined]!
  }
  for (const edge of order) {
    const [a, b] = [forest.root(from[edge]!), forest.root(to[edge]!)]
    if (a !== b && Math.min(forest.sizes[a]!, forest.sizes[b]!) < minSize) forest.join(a, b)
  }
  return { width, height, ...numbered(forest) }
}

/** Pairs of neighbours and how their colours differ. */
function edgesOf(
  planes: Planes,
  width: number,
  height: number,
): { from: Int32Array; to: Int32Array; costs: Float32Array } {
  const [a, b, c] = planes
  const count = (width - 1) * height + width * (height - 1) + 2 * (width - 1) * (height - 1)
  const edges = { from: new Int32Array(count), to: new Int32Array(count), costs: new Float32Array(count) }
  let at = 0
  const connect = (i: number, j: number): void => {
    edges.from[at] = i
    edges.to[at] = j
    edges.costs[at++] = Math.sqrt((a[i]! - a[j]!) ** 2 + (b[i]! - b[j]!) ** 2 + (c[i]! - c[j]!) ** 2)
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x
      if (x + 1 < width) connect(i, i + 1)
      if (y + 1 === height) continue
      connect(i, i + width)
      if (x + 1 < width) connect(i, i + width + 1)
      if (x > 0) connect(i, i + width - 1)
    }
  }
  return edges
}

/** Disjoint sets. @see Tarjan 1975, doi:10.1145/321879.321884 */
class Forest {
  readonly sizes: Int32Array
  readonly #parents: Int32Array

  constructor(count: number) {
    this.sizes = new Int32Array(count).fill(1)
    this.#parents = Int32Array.from({ length: count }, (_, i) => i)
  }

  root(i: number): number {
    const parents = this.#parents
    while (parents[i] !== i) {
      parents[i] = parents[parents[i]!]!
      i = parents[i]!
    }
    return i
  }

  /** Joins the sets of two roots; returns their root. */
  join(a: number, b: number): number {
    const [root, other] = this.sizes[a]! >= this.sizes[b]! ? [a, b] : [b, a]
    this.#parents[other] = root
    this.sizes[root]! += this.sizes[other]!
    return root
  }
}

function numbered(forest: Forest): { labels: Int32Array; count: number } {
  const numbers = new Map<number, number>()
  const labels = forest.sizes.map((_, i) => {
    const root = forest.root(i)
    const known = numbers.get(root)
    if (known !== undefined) return known
    numbers.set(root, numbers.size)
    return numbers.size - 1
  })
  return { labels, count: numbers.size }
}
