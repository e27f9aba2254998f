import { sizeOf } from '../../../shape.ts'
import type { ConvolutionGeometry } from '../../../graph/geometry.ts'
import type { ConvolutionKernel } from '../../../schedule/kernels.ts'
import type { Target } from '../assembler/index.ts'
import { type Lowering, scratchAddress, type Word } from '../launch.ts'
import { chooseConvolution, type ConvolutionAlgorithm } from './choose-convolution.ts'
import { isDepthwiseStrided, lowerDepthwiseStridedGradient } from './depthwise-strided-gradient.ts'
import type { DirectConvolution } from './direct.ts'
import { addressOf, denseStrides, isBareEpilogue, type LowerEpilogue } from './epilogue.ts'
import { finishWords, noFinish } from './finish.ts'
import { forwardImage, type ImageLayout } from './padded-image.ts'
import { lowerNonWinograd, lowerNonWinogradGradient } from './non-winograd.ts'
import { canSplitByPhase, lowerStridedGradient } from './strided-gradient.ts'
import {
  lowerWinograd,
  lowerWinogradWeightGradient,
  stride1,
  stride1WeightGradient,
  stride2,
  stride2InputGradient,
  stride2Of7,
  stride2WeightGradient,
  type WinogradConvolution,
  type WinogradWeightGradient,
} from './winograd/index.ts'

/**
 * A convolution or one of its gradients with its epilogue, as launches.
 *
 * An input gradient is a convolution too: of the output gradient, spread by the stride, with the weights
 * turned by 180° and input and output channels exchanged (Dumoulin & Visin 2016, arXiv:1603.07285, section
 * 4).
 */
export function lowerConvolution(
  kernel: ConvolutionKernel,
  target: Target,
  lowerEpilogue: LowerEpilogue,
  forced?: ConvolutionAlgorithm,
): Lowering {
  const { mode, epilogue, store } = kernel
  const algorithm = chooseConvolution(kernel, forced)
  const shape = resultShape(kernel)
  const elements = sizeOf(shape)
  if (elements === 0) return { launches: [], scratchBytes: 0, threadScratchBytes: 0 }
  const inPlace = store.dtype === 'float32'
  const resultBytes = inPlace ? 0 : 64 * Math.ceil(elements / 16)
  const address = inPlace ? addressOf(store) : scratchAddress(0)
  const accumulator = { dtype: 'float32', address, strides: denseStrides(shape) } as const
  const lastPass = (main: Lowering): Lowering => ({
    ...main,
    launches: [...main.launches, ...lowerEpilogue({ shape, body: epilogue, store, accumulator })],
  })
  if (mode === 'weightGradient') {
    const main =
      algorithm === 'winograd'
        ? lowerWinogradWeightGradient(asWinogradGradient(kernel, address), resultBytes)
        : lowerNonWinogradGradient(kernel, address, target, resultBytes)
    return inPlace && isBareEpilogue(epilogue, store, 'float32') ? main : lastPass(main)
  }
  // A row of the product is a channel of the result; the columns, its pixels, share their bias.
  const place = { row: 1, column: undefined, shape, store: { ...store, strides: accumulator.strides } }
  const finish = inPlace ? finishWords(epilogue, place) : undefined
  if (mode === 'inputGradient' && algorithm === 'direct' && canSplitByPhase(kernel.geometry)) {
    const main = isDepthwiseStrided(kernel.geometry)
      ? lowerDepthwiseStridedGradient(kernel, address, resultBytes, finish ?? noFinish)
      : lowerStridedGradient(kernel, address, target, resultBytes, finish ?? noFinish)
    return finish ? main : lastPass(main)
  }
  const convolution = {
    ...(mode === 'forward' ? forward : inputGradient)(kernel, address),
    finish: finish ?? noFinish,
  }
  const main =
    algorithm === 'winograd'
      ? lowerWinograd(asWinograd(convolution, kernel), resultBytes)
      : lowerNonWinograd(convolution, target, resultBytes)
  return finish ? main : lastPass(main)
}

function resultShape({ mode, geometry: g }: ConvolutionKernel): number[] {
  if (mode === 'forward') return [g.batch, g.outputChannels, g.outputHeight, g.outputWidth]
  if (mode === 'inputGradient') return [g.batch, g.inputChannels, g.inputHeight, g.inputWidth]
  return [g.outputChannels, g.inputChannels / g.groups, g.kernelHeight, g.kernelWidth]
}

/** The same convolution in the words of Winograd's: one group, 3×3 of stride 1 or 2 or 7×7 of stride 2. */
function asWinograd(
  { images, image, resultChannels, source, result, finish }: DirectConvolution,
  { mode, geometry, right }: ConvolutionKernel,
): WinogradConvolution {
  const { channels, sourceHeight, sourceWidth, resultHeight, resultWidth, top, left } = image
  const taps = geometry.kernelHeight * geometry.kernelWidth
  const row = taps * geometry.inputChannels
  const strides = mode === 'forward' ? { result: row, channel: taps } : { result: taps, channel: row }
  const gradientOfStrided = geometry.strideHeight === 2 && mode === 'inputGradient'
  const forwardForm = geometry.strideHeight === 1 ? stride1 : taps === 9 ? stride2 : stride2Of7
  return {
    form: gradientOfStrided ? stride2InputGradient : forwardForm,
    images,
    channels,
    sourceHeight,
    sourceWidth,
    resultChannels,
    resultHeight,
    resultWidth,
    ...(gradientOfStrided ? gradientTiles(geometry) : { top, left, resultTop: 0, resultLeft: 0 }),
    source,
    result,
    finish,
    weights: { address: addressOf(right), ...strides, turned: mode === 'inputGradient' },
  }
}

/**
 * Where the tiles of an input gradient of stride 2 begin: with a pixel p that only the tap in the middle of
 * the kernel met, p = 2 · s + 1 − padding, for pixel s of the output gradient. It is the first pixel or one
 * before.
 */
function gradientTiles(
  g: ConvolutionGeometry,
): Pick<WinogradConvolution, 'top' | 'left' | 'resultTop' | 'resultLeft'> {
  return {
    top: -Math.floor((g.paddingTop - 1) / 2),
    left: -Math.floor((g.paddingLeft - 1) / 2),
    resultTop: 1 - (g.paddingTop % 2),
    resultLeft: 1 - (g.paddingLeft % 2),
  }
}

function asWinogradGradient(
  { geometry: g, left, right }: ConvolutionKernel,
  result: Word,
): WinogradWeightGradient {
  return {
    form: g.strideHeight === 2 ? stride2WeightGradient : stride1WeightGradient,
    images: g.batch,
    channels: g.inputChannels,
    sourceHeight: g.inputHeight,
    sourceWidth: g.inputWidth,
    top: g.paddingTop,
    left: g.paddingLeft,
    gradientChannels: g.outputChannels,
    gradientHeight: g.outputHeight,
    gradientWidth: g.outputWidth,
    source: addressOf(left),
    gradient: addressOf(right),
    result,
  }
}

function forward(kernel: ConvolutionKernel, result: Word): Omit<DirectConvolution, 'finish'> {
  const { geometry: g, left, right } = kernel
  const image = forwardImage(kernel.geometry)
  const depth = image.channels * g.kernelHeight * g.kernelWidth
  const resultChannels = g.outputChannels / g.groups
  return {
    images: g.batch,
    groups: g.groups,
    image,
    resultChannels,
    source: addressOf(left),
    result,
    weights: {
      address: addressOf(right),
      group: resultChannels * depth,
      row: depth,
      channels: 1,
      channel: 0,
      lines: 1,
      line: 0,
      taps: depth,
      tap: 1,
    },
  }
}

function inputGradient(
  { geometry: g, left, right }: ConvolutionKernel,
  result: Word,
): Omit<DirectConvolution, 'finish'> {
  const taps = g.kernelHeight * g.kernelWidth
  const inputs = g.inputChannels / g.groups
  const outputs = g.outputChannels / g.groups
  const image: ImageLayout = {
    channels: outputs,
    sourceHeight: g.outputHeight,
    sourceWidth: g.outputWidth,
    kernelHeight: g.kernelHeight,
    kernelWidth: g.kernelWidth,
    resultHeight: g.inputHeight,
    resultWidth: g.inputWidth,
    stepHeight: 1,
    stepWidth: 1,
    spreadHeight: g.strideHeight,
    spreadWidth: g.strideWidth,
    dilationHeight: g.dilationHeight,
    dilationWidth: g.dilationWidth,
    top: (g.kernelHeight - 1) * g.dilationHeight - g.paddingTop,
    left: (g.kernelWidth - 1) * g.dilationWidth - g.paddingLeft,
  }
  const { slot, offset, ...rest } = right
  return {
    images: g.batch,
    groups: g.groups,
    image,
    resultChannels: inputs,
    source: addressOf(left),
    result,
    weights: {
      // From the last tap backwards: the kernel turned by 180°.
      address: addressOf({ ...rest, slot, offset: offset + taps - 1 }),
      group: outputs * inputs * taps,
      row: taps,
      channels: outputs,
      channel: inputs * taps,
      lines: 1,
      line: 0,
      taps,
      tap: -1,
    },
  }
}
