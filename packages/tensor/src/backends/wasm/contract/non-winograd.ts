import type { ConvolutionKernel } from '../../../schedule/kernels.ts'
import type { Target } from '../assembler/index.ts'
import type { Lowering, Word } from '../launch.ts'
import { isBetterAsProduct } from './choose-convolution.ts'
import { isDepthwise, lowerDepthwise, lowerDepthwiseGradient } from './depthwise.ts'
import { isDepthwisePlane, lowerDepthwisePlane } from './depthwise-plane.ts'
import { type DirectConvolution, lowerDirect } from './direct.ts'
import { lowerProduct } from './lower-product.ts'
import { forwardImage } from './padded-image.ts'
import { lowerPatchGradient } from './patch-gradient.ts'
import { asProduct, isPointwiseGradient, lowerPointwiseGradient } from './pointwise.ts'
import { lowerWeightGradient } from './weight-gradient.ts'

/** A convolution without Winograd's transforms, in the way that suits its sizes. */
export function lowerNonWinograd(
  convolution: DirectConvolution,
  target: Target,
  scratchOffset: number,
): Lowering {
  const { image, resultChannels, weights, finish } = convolution
  const product = asProduct(convolution)
  if (product) return lowerProduct(product, finish, target, scratchOffset)
  const isWhole = weights.lines === 1 && weights.taps === 9
  if (isWhole && isDepthwise(image, resultChannels)) return lowerDepthwise(convolution, scratchOffset)
  if (isDepthwisePlane(image, resultChannels, weights)) return lowerDepthwisePlane(convolution, scratchOffset)
  return lowerDirect(convolution, target, scratchOffset)
}

/** Likewise a gradient of weights. */
export function lowerNonWinogradGradient(
  kernel: ConvolutionKernel,
  result: Word,
  target: Target,
  scratchOffset: number,
): Lowering {
  const { geometry: g } = kernel
  if (isPointwiseGradient(g)) return lowerPointwiseGradient(kernel, result, target, scratchOffset)
  if (isDepthwise(forwardImage(g), g.outputChannels / g.groups))
    return lowerDepthwiseGradient(kernel, result, scratchOffset)
  const lower = isBetterAsProduct(kernel) ? lowerPatchGradient : lowerWeightGradient
  return lower(kernel, result, target, scratchOffset)
}
