import type { ConvolutionGeometry } from '../../../graph/geometry.ts'
import type { ConvolutionKernel } from '../../../schedule/kernels.ts'
import type { Lowering, Word } from '../launch.ts'
import { argumentBlock } from './arguments.ts'
import { depthwiseStridedModule, phasesAlong, reachOf, stridedArguments } from './depthwise-strided-module.ts'
import { addressOf } from './epilogue.ts'
import type { FinishWords } from './finish.ts'
import { COPY_SLACK, MOST_COPY_BYTES, TILE_ROWS } from './plane-copy.ts'
import { grainFor, wholeLines } from './sizing.ts'

const sides: readonly number[] = [3, 5, 7]

/**
 * The input gradient of a depthwise convolution of stride 2, in one pass over its planes: pixels of the four
 * phases of the stride, which meet different taps (`strided-gradient.ts`), are computed side by side and leave
 * in one vector. The plane of the output gradient is copied into the thread's scratch, with zeros around it.
 */
export function lowerDepthwiseStridedGradient(
  { geometry: g, left, right }: ConvolutionKernel,
  result: Word,
  scratchOffset: number,
  finish: FinishWords,
): Lowering {
  const rows = axisOf(g.inputHeight, g.outputHeight, g.kernelHeight, g.paddingTop)
  const columns = axisOf(g.inputWidth, g.outputWidth, g.kernelWidth, g.paddingLeft)
  const pitch = columns.size + COPY_SLACK
  const bytes = wholeLines(4 * rows.size * pitch)
  const args = argumentBlock(stridedArguments, {
    ...finish,
    source: addressOf(left),
    weights: addressOf(right),
    result,
    channels: g.inputChannels,
    sourceHeight: g.outputHeight,
    sourceWidth: g.outputWidth,
    height: g.inputHeight,
    width: g.inputWidth,
    pitch: 4 * pitch,
    bytes,
    origin: 4 * (rows.before * pitch + columns.before),
    lastTaps: 4 * (rows.start * pitch + columns.start),
  })
  const launch = {
    module: depthwiseStridedModule(g.kernelHeight, g.paddingTop % 2, g.paddingLeft % 2),
    entry: 'strided',
    args,
    units: g.batch * g.inputChannels,
    grain: grainFor(g.kernelHeight * g.kernelWidth * g.outputHeight * g.outputWidth),
  }
  return { launches: [launch], scratchBytes: scratchOffset, threadScratchBytes: bytes }
}

/** One axis of a copy, in pixels. */
interface Axis {
  readonly size: number
  /** Zeros before the first pixel. */
  readonly before: number
  /** What the last tap of the first results meets. */
  readonly start: number
}

function axisOf(results: number, pixels: number, kernel: number, padding: number): Axis {
  const half = Math.floor(padding / 2)
  const reach = reachOf(phasesAlong(kernel, padding % 2))
  const before = Math.max(0, reach - half)
  const start = before + half - reach
  // Results of a phase, and the pixel that the first tap of the last one meets.
  const last = Math.ceil(results / 2) + reach + 1
  return { size: Math.max(before + pixels, start + last), before, start }
}

/** Whether it is one of these, large enough for the tiles. */
export function isDepthwiseStrided(g: ConvolutionGeometry): boolean {
  const { kernelHeight: side } = g
  if (g.groups !== g.inputChannels || g.groups !== g.outputChannels) return false
  if (side !== g.kernelWidth || !sides.includes(side)) return false
  const steps = [g.strideHeight - 1, g.strideWidth - 1, g.dilationHeight, g.dilationWidth]
  if (steps.some((step) => step !== 1)) return false
  const copied = 4 * (g.outputHeight + g.inputHeight) * (g.outputWidth + g.inputWidth)
  return (
    g.inputHeight >= 2 * TILE_ROWS &&
    g.inputWidth >= 8 &&
    g.outputHeight >= 1 &&
    g.outputWidth >= 4 &&
    Math.min(g.paddingTop, g.paddingLeft) >= 0 &&
    copied <= MOST_COPY_BYTES
  )
}
