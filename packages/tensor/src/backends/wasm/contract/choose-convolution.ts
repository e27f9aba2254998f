import type { ConvolutionKernel } from '../../../schedule/kernels.ts'

/** How a convolution may be computed. */
export type ConvolutionAlgorithm = 'winograd' | 'direct'

/**
 * The algorithm for a kernel, a function of its sizes alone.
 *
 * @param forced what to take wherever it can be: Winograd's is for 3×3 kernels of stride 1 only
 */
export function chooseConvolution(kernel: ConvolutionKernel, forced?: ConvolutionAlgorithm): ConvolutionAlgorithm {
  if (!canWinograd(kernel) || forced === 'direct') return 'direct'
  if (forced === 'winograd') return forced
  const { inputChannels, outputChannels } = kernel.geometry
  return Math.min(inputChannels, outputChannels) >= 16 ? 'winograd' : 'direct'
}

/** Kernels of 3×3, stride 1, undilated, in one group; and something to compute. */
function canWinograd({ geometry: g }: ConvolutionKernel): boolean {
  return (
    g.groups === 1 &&
    [g.batch, g.inputChannels, g.outputHeight, g.outputWidth].every((size) => size > 0) &&
    [g.kernelHeight, g.kernelWidth].every((size) => size === 3) &&
    [g.strideHeight, g.strideWidth, g.dilationHeight, g.dilationWidth].every((step) => step === 1)
  )
}
