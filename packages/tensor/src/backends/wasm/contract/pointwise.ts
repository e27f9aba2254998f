import type { ConvolutionGeometry } from '../../../graph/geometry.ts'
import type { ConvolutionKernel } from '../../../schedule/kernels.ts'
import type { Target } from '../assembler/index.ts'
import { type Lowering, scratchAddress, type Word } from '../launch.ts'
import type { DirectConvolution } from './direct.ts'
import { addressOf } from './epilogue.ts'
import { lowerProduct } from './lower-product.ts'
import type { Product } from './product.ts'
import { ENOUGH_UNITS, wholeLines } from './sizing.ts'
import { addPartialSums } from './weight-gradient.ts'

// Pointwise convolutions, 1×1 with a stride of 1: products of matrices as they lie, `[channels, pixels]`.

/** A convolution as a product for each image, `[O, C]` · `[C, pixels]`; undefined if it is none. */
export function asProduct(convolution: DirectConvolution): Product | undefined {
  const { images, groups, image, resultChannels, source, result, weights } = convolution
  const { channels, sourceHeight, sourceWidth, resultHeight, resultWidth } = image
  const { kernelHeight, kernelWidth, stepHeight, stepWidth, spreadHeight, spreadWidth, top, left } = image
  const ones = [groups, kernelHeight, kernelWidth, stepHeight, stepWidth, spreadHeight, spreadWidth]
  const isPointwise = ones.every((size) => size === 1) && top === 0 && left === 0
  if (!isPointwise || sourceHeight !== resultHeight || sourceWidth !== resultWidth) return undefined
  const pixels = resultHeight * resultWidth
  return {
    batch: [images],
    m: resultChannels,
    n: pixels,
    k: channels,
    left: {
      address: weights.address,
      batch: [0],
      row: weights.row,
      column: weights.channels === 1 ? weights.tap : weights.channel,
    },
    right: { address: source, batch: [channels * pixels], row: pixels, column: 1 },
    result: { address: result, batch: [resultChannels * pixels], row: pixels, column: 1 },
  }
}

/** Pixels of an image that are worth the start and the end of a tile. */
const ENOUGH_PIXELS = 128

/** Whether the weight gradient is one of a pointwise convolution, of images that are not too small. */
export function isPointwiseGradient(g: ConvolutionGeometry): boolean {
  const ones = [g.groups, g.kernelHeight, g.kernelWidth, g.strideHeight, g.strideWidth]
  const same = g.outputHeight === g.inputHeight && g.outputWidth === g.inputWidth
  const enough = g.batch > 0 && g.outputHeight * g.outputWidth >= ENOUGH_PIXELS
  return ones.every((size) => size === 1) && same && g.paddingTop === 0 && g.paddingLeft === 0 && enough
}

/**
 * The gradient of the weights of a pointwise convolution: the sum over images of output gradient
 * `[O, pixels]` · input `[pixels, C]`. Where the result is too small to be shared by many threads, partial
 * sums over some images are added up by a last launch. They lie in the scratch from `scratchOffset` on.
 */
export function lowerPointwiseGradient(
  { geometry: g, left, right }: ConvolutionKernel,
  result: Word,
  target: Target,
  scratchOffset: number,
): Lowering {
  const [m, n, k] = [g.outputChannels, g.inputChannels, g.outputHeight * g.outputWidth]
  // A block of a large product has 96 × 256 elements.
  const wanted = Math.ceil(ENOUGH_UNITS / (Math.ceil(m / 96) * Math.ceil(n / 256)))
  const terms = Math.max(1, Math.floor(g.batch / wanted))
  const sums = Math.ceil(g.batch / terms)
  const sumBytes = wholeLines(4 * m * n)
  const partials = sums === 1 ? result : scratchAddress(scratchOffset)
  const product: Product = {
    batch: [g.batch],
    m,
    n,
    k,
    left: { address: addressOf(right), batch: [m * k], row: k, column: 1 },
    right: { address: addressOf(left), batch: [n * k], row: 1, column: k },
    result: { address: partials, batch: [sumBytes / 4], row: n, column: 1 },
  }
  const partialBytes = sums === 1 ? 0 : sums * sumBytes
  const main = lowerProduct(product, {}, target, scratchOffset + partialBytes, terms)
  const last = addPartialSums({
    partials,
    partialSums: sums,
    partialStride: sumBytes,
    result,
    elements: m * n,
  })
  return { ...main, launches: sums === 1 ? main.launches : [...main.launches, last] }
}
