import type { ConvolutionGeometry } from '../../../graph/geometry.ts'
import type { ConvolutionKernel } from '../../../schedule/kernels.ts'
import type { Target } from '../assembler/index.ts'
import { type Lowering, scratchAddress, type Word } from '../launch.ts'
import { argumentBlock } from './arguments.ts'
import type { DirectConvolution } from './direct.ts'
import { addressOf } from './epilogue.ts'
import { type FinishWords, noFinish } from './finish.ts'
import { interleaveArguments, interleaveModule, NOTHING } from './interleave-module.ts'
import { lowerNonWinograd } from './non-winograd.ts'
import { grainFor, wholeLines } from './sizing.ts'

/** With more phases than these, launches would outweigh the work. */
const MOST_PHASES = 16

/** Whether the input gradient is worth being split by the phases of its strides. */
export function canSplitByPhase({ strideHeight, strideWidth }: ConvolutionGeometry): boolean {
  const phases = strideHeight * strideWidth
  return phases > 1 && phases <= MOST_PHASES
}

/**
 * The input gradient of a strided convolution. Rows `a, a + stride, a + 2 · stride, …` of the input meet only
 * those taps i of the kernel for which `a + padding − i · dilation` is a multiple of the stride; so each of
 * the stride² phases of the gradient is a dense convolution of stride 1, of the output gradient with a part
 * of the kernel, turned by 180°:
 *
 *     dx[a + stride · y] = Σᵢ w[i] · dy[y + (a + padding − i · dilation) / stride]
 *
 * Together they multiply no zeros. Each phase goes to the scratch, then a launch interleaves and finishes them.
 */
export function lowerStridedGradient(
  kernel: ConvolutionKernel,
  result: Word,
  target: Target,
  scratchOffset: number,
  finish: FinishWords,
): Lowering {
  const { geometry: g } = kernel
  const planes = g.batch * g.inputChannels
  let scratchBytes = scratchOffset
  const place = (bytes: number): number => {
    const at = wholeLines(scratchBytes)
    scratchBytes = at + bytes
    return at
  }
  const lowerings: Lowering[] = []
  const addresses = phasesOf(g).map(([row, column]) => {
    if (row.results * column.results * row.taps * column.taps === 0) return NOTHING
    const at = place(4 * planes * row.results * column.results)
    const convolution = phaseConvolution(kernel, row, column, scratchAddress(at))
    const lowering = lowerNonWinograd(convolution, target, wholeLines(scratchBytes))
    scratchBytes = lowering.scratchBytes
    lowerings.push(lowering)
    return at
  })
  const args = argumentBlock(
    interleaveArguments,
    {
      ...finish,
      result,
      channels: g.inputChannels,
      phases: scratchAddress(0),
      height: g.inputHeight,
      width: g.inputWidth,
      strideHeight: g.strideHeight,
      strideWidth: g.strideWidth,
    },
    addresses,
  )
  const interleave = {
    module: interleaveModule,
    entry: 'interleave',
    args,
    units: planes,
    grain: grainFor(8 * g.inputHeight * g.inputWidth),
  }
  return {
    launches: [...lowerings.flatMap(({ launches }) => launches), interleave],
    scratchBytes,
    threadScratchBytes: Math.max(0, ...lowerings.map((lowering) => lowering.threadScratchBytes)),
  }
}

/** One axis of a phase: a convolution of stride 1 along it. */
interface Phase {
  readonly results: number
  readonly taps: number
  /** The last tap of the kernel that takes part, and the distance to the one before. */
  readonly lastTap: number
  readonly tapStep: number
  readonly dilation: number
  /** Pixels of padding before the output gradient; negative to leave some out. */
  readonly margin: number
}

function phasesOf(g: ConvolutionGeometry): (readonly [Phase, Phase])[] {
  const rows = phasesAlong(g.inputHeight, g.kernelHeight, g.strideHeight, g.dilationHeight, g.paddingTop)
  const columns = phasesAlong(g.inputWidth, g.kernelWidth, g.strideWidth, g.dilationWidth, g.paddingLeft)
  return rows.flatMap((row) => columns.map((column) => [row, column] as const))
}

function phasesAlong(
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: number,
): Phase[] {
  return Array.from({ length: stride }, (_, phase) => {
    const taps = Array.from({ length: kernel }, (_unused, tap) => tap).filter(
      (tap) => (phase + padding - tap * dilation) % stride === 0,
    )
    const lastTap = taps.at(-1) ?? 0
    const tapStep = lastTap - (taps.at(-2) ?? lastTap - stride)
    return {
      results: Math.max(0, Math.ceil((size - phase) / stride)),
      taps: taps.length,
      lastTap,
      tapStep,
      dilation: (tapStep * dilation) / stride,
      margin: (lastTap * dilation - phase - padding) / stride,
    }
  })
}

function phaseConvolution(
  { geometry: g, left, right }: ConvolutionKernel,
  row: Phase,
  column: Phase,
  result: Word,
): DirectConvolution {
  const kernelSize = g.kernelHeight * g.kernelWidth
  const [inputs, outputs] = [g.inputChannels / g.groups, g.outputChannels / g.groups]
  const first = row.lastTap * g.kernelWidth + column.lastTap
  return {
    images: g.batch,
    groups: g.groups,
    image: {
      channels: outputs,
      sourceHeight: g.outputHeight,
      sourceWidth: g.outputWidth,
      kernelHeight: row.taps,
      kernelWidth: column.taps,
      resultHeight: row.results,
      resultWidth: column.results,
      stepHeight: 1,
      stepWidth: 1,
      spreadHeight: 1,
      spreadWidth: 1,
      dilationHeight: row.dilation,
      dilationWidth: column.dilation,
      top: row.margin,
      left: column.margin,
    },
    resultChannels: inputs,
    source: addressOf(left),
    result,
    finish: noFinish,
    weights: {
      // From the last tap backwards: the kernel turned by 180°.
      address: addressOf({ ...right, offset: right.offset + first }),
      group: outputs * inputs * kernelSize,
      row: kernelSize,
      channels: outputs,
      channel: inputs * kernelSize,
      lines: row.taps,
      line: -row.tapStep * g.kernelWidth,
      taps: column.taps,
      tap: -column.tapStep,
    },
  }
}
