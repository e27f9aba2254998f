import type { ConvolutionKernel } from '../../../schedule/kernels.ts'
import { stride2Of7, TILE } from './winograd/index.ts'

/** How a convolution may be computed. */
export type ConvolutionAlgorithm = 'winograd' | 'direct'

/**
 * The algorithm for a kernel: a function of its sizes alone, so that results do not depend on anything else.
 *
 * @param forced what to take wherever it can be
 */
export function chooseConvolution(
  kernel: ConvolutionKernel,
  forced?: ConvolutionAlgorithm,
): ConvolutionAlgorithm {
  if (!canWinograd(kernel) || forced === 'direct') return 'direct'
  if (forced === 'winograd') return forced
  const { kernelHeight, strideHeight } = kernel.geometry
  const of3 = strideHeight === 1 ? isFasterByWinograd : isFasterByPhases
  return (kernelHeight === 3 ? of3 : isFasterBy7)(kernel) ? 'winograd' : 'direct'
}

/**
 * Winograd's algorithm takes a quarter of the multiplications. Measured on one thread, it is 2 to 4 times as
 * fast from 8 × 8 channels on, 1.3 to 1.7 times for 3 × 16, and slower for fewer; and where tiles are few and
 * weights many it only transforms weights (512 × 512 channels: as fast at two tiles, 1.6 times at four).
 */
function isFasterByWinograd({ geometry }: ConvolutionKernel): boolean {
  const { batch, inputChannels, outputChannels, outputHeight, outputWidth } = geometry
  const enoughChannels =
    Math.min(inputChannels, outputChannels) >= 3 && Math.max(inputChannels, outputChannels) >= 8
  const tiles = batch * Math.ceil(outputHeight / TILE) * Math.ceil(outputWidth / TILE)
  const enoughTiles = tiles >= 3 || inputChannels * outputChannels <= 128 * 128
  return enoughChannels && enoughTiles
}

/**
 * With a stride of 2 it takes 9/16 of the multiplications, and makes 81 numbers of a kernel's nine.
 * Measured on two threads, it is 1.3 to 1.9 times as fast forward, 1.5 to 2.5 times for the input gradient
 * and 1.2 to 2.4 times for that of the weights, once there are enough pixels for the weights: with 256 ×
 * 512 channels as fast at 50 forward, at 30 for the input gradient, and beside a product of patches at 200
 * for the weights.
 */
function isFasterByPhases(kernel: ConvolutionKernel): boolean {
  const { batch, inputChannels, outputChannels, outputHeight, outputWidth } = kernel.geometry
  const [weights, pixels] = [inputChannels * outputChannels, batch * outputHeight * outputWidth]
  switch (kernel.mode) {
    case 'forward':
      return inputChannels >= 3 && outputChannels >= 8 && 2048 * pixels > weights
    case 'inputGradient':
      return inputChannels >= 2 && 6144 * pixels > weights
    case 'weightGradient':
      return inputChannels >= 3 && outputChannels >= 4 && (pixels >= 256 || !isBetterAsProduct(kernel))
  }
}

/**
 * For 7×7 of stride 2 it takes a third of the multiplications. Measured on two threads, it is 1.1 to 2.1 times
 * as fast from 3 × 8 channels on, twice for 3 × 64, once there are some tiles for the weights (64 × 64
 * channels: 0.9 times at four tiles, 1.4 times at nine; 128 × 128: 0.8 times at four, as fast at sixteen).
 */
function isFasterBy7({ geometry }: ConvolutionKernel): boolean {
  const { batch, inputChannels, outputChannels, outputHeight, outputWidth } = geometry
  const { step } = stride2Of7.results
  const tiles = batch * Math.ceil(outputHeight / step) * Math.ceil(outputWidth / step)
  return outputChannels >= 8 && inputChannels * outputChannels >= 24 && tiles >= 9
}

/**
 * Kernels of 3×3 and stride 1 or 2; forward those of 7×7 and stride 2, too. Undilated, in one group, and
 * something to compute.
 */
function canWinograd({ mode, geometry: g }: ConvolutionKernel): boolean {
  const { kernelHeight: side, strideHeight: stride } = g
  return (
    g.groups === 1 &&
    [g.batch, g.inputChannels, g.outputHeight, g.outputWidth].every((size) => size > 0) &&
    g.kernelWidth === side &&
    g.strideWidth === stride &&
    (side === 3 ? stride <= 2 : side === 7 && stride === 2 && mode === 'forward') &&
    [g.dilationHeight, g.dilationWidth].every((step) => step === 1)
  )
}

/**
 * Whether a weight gradient that is not Winograd's is faster as a product of patches than straight from the
 * images. Writing the patches is worth it where each of them is used often, by many channels. Measured.
 */
export function isBetterAsProduct({ geometry: g }: ConvolutionKernel): boolean {
  const depth = g.inputChannels * g.kernelHeight * g.kernelWidth
  const pixels = g.batch * g.outputHeight * g.outputWidth
  return g.groups === 1 && pixels > 0 && Math.min(g.outputChannels, depth) >= 128
}
