import type { ConvolutionKernel } from '../../../schedule/kernels.ts'
import { int, type Launch, type Lowering, type Word } from '../launch.ts'
import { argumentBlock } from './arguments.ts'
import type { DirectConvolution } from './direct.ts'
import { depthwiseArguments, depthwiseModule, type DepthwiseArgument, SUM_BYTES } from './depthwise-module.ts'
import { addressOf } from './epilogue.ts'
import { noFinish } from './finish.ts'
import { forwardImage, type ImageLayout } from './padded-image.ts'
import { grainFor } from './sizing.ts'

/**
 * Depthwise convolutions of 3×3 and a stride of 1 or 2: memory sets the pace, so that images are read where
 * they lie, once, and the padding is made of masks.
 */
export function lowerDepthwise(convolution: DirectConvolution, scratchOffset: number): Lowering {
  const { images, groups, image, source, result, weights, finish } = convolution
  const args = {
    ...finish,
    source,
    result,
    weights: weights.address,
    weightGroup: 4 * weights.group,
    weightTap: 4 * weights.tap,
    channels: groups,
  }
  const work = 9 * image.resultHeight * image.resultWidth
  return lowering([launch('convolve', image, args, images * groups, work)], scratchOffset)
}

/** The sums over all images, a channel to a unit. */
export function lowerDepthwiseGradient(
  { geometry: g, left, right }: ConvolutionKernel,
  result: Word,
  scratchOffset: number,
): Lowering {
  const args = {
    source: addressOf(left),
    gradient: addressOf(right),
    result,
    channels: g.inputChannels,
    images: g.batch,
  }
  const work = 9 * g.batch * g.outputHeight * g.outputWidth
  return lowering([launch('gradient', forwardImage(g), args, g.inputChannels, work)], scratchOffset)
}

/** Whether it is one of these, with rows that fill vectors; `results`: channels of a group's result. */
export function isDepthwise(image: ImageLayout, results: number): boolean {
  const { channels, stepHeight, stepWidth, spreadHeight, spreadWidth, dilationHeight, dilationWidth } = image
  const ones = [channels, results, spreadHeight, spreadWidth, dilationHeight, dilationWidth]
  return (
    ones.every((size) => size === 1) &&
    image.kernelHeight === 3 &&
    image.kernelWidth === 3 &&
    stepHeight === stepWidth &&
    stepHeight <= 2 &&
    image.resultHeight > 0 &&
    image.resultWidth >= 4
  )
}

function lowering(launches: readonly Launch[], scratchOffset: number): Lowering {
  return { launches, scratchBytes: scratchOffset, threadScratchBytes: SUM_BYTES }
}

function launch(
  entry: string,
  image: ImageLayout,
  words: Readonly<Partial<Record<DepthwiseArgument, Word | number>>>,
  units: number,
  work: number,
): Launch {
  const { sourceHeight, sourceWidth, resultHeight, resultWidth, top, left } = image
  const zeros = Object.fromEntries(depthwiseArguments.map((name) => [name, int(0)])) as Record<
    DepthwiseArgument,
    Word
  >
  const sizes = { sourceHeight, sourceWidth, resultHeight, resultWidth, top, left }
  const values = { ...zeros, ...noFinish, ...sizes, ...words }
  return {
    module: depthwiseModule(image.stepHeight === 2 ? 2 : 1),
    entry,
    args: argumentBlock(depthwiseArguments, values),
    units,
    grain: grainFor(work),
  }
}
