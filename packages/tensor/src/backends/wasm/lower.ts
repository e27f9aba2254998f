import type { Kernel } from '../../schedule/kernels.ts'
import type { Target } from './assembler/index.ts'
import { type ConvolutionAlgorithm, lowerConvolution, lowerMatmul } from './contract/index.ts'
import { lowerArgReduce } from './kernels/arg-reduce.ts'
import { lowerArgSort } from './kernels/arg-sort.ts'
import { lowerCumulativeSum } from './kernels/cumulative-sum.ts'
import { lowerEpilogue } from './kernels/epilogue.ts'
import { lowerGather } from './kernels/gather.ts'
import { lowerMap } from './kernels/map.ts'
import { lowerRandom } from './kernels/random.ts'
import { lowerReduce } from './kernels/reduce.ts'
import { lowerScatterAdd } from './kernels/scatter-add.ts'
import { lowerWindow } from './kernels/window.ts'
import type { Lowering } from './launch.ts'

/** What a kernel is lowered for. */
export interface LoweringContext {
  readonly target: Target
  /** Computes convolutions in one way wherever it can be done; default: whichever is faster for the sizes. */
  readonly convolutionAlgorithm?: ConvolutionAlgorithm | undefined
  /** Position of the kernel in its program, by which it reports faults. */
  readonly position: number
  /** Whether axis 0 is the first through which units count, so that each element of it has equally many. */
  readonly rows: boolean
}

type Lower<K extends Kernel['kind']> = (
  kernel: Extract<Kernel, { kind: K }>,
  context: LoweringContext,
) => Lowering

const lowerings: { readonly [K in Kernel['kind']]: Lower<K> } = {
  map: (kernel, { rows }) => lowerMap(kernel, rows),
  reduce: (kernel, { rows }) => lowerReduce(kernel, rows),
  argReduce: (kernel) => lowerArgReduce(kernel),
  matmul: (kernel, { target }) => lowerMatmul(kernel, target, lowerEpilogue),
  convolution: (kernel, { target, convolutionAlgorithm }) =>
    lowerConvolution(kernel, target, lowerEpilogue, convolutionAlgorithm),
  window: (kernel) => lowerWindow(kernel),
  gather: (kernel, { position }) => lowerGather(kernel, position),
  scatterAdd: (kernel, { position }) => lowerScatterAdd(kernel, position),
  cumulativeSum: (kernel) => lowerCumulativeSum(kernel),
  argSort: (kernel) => lowerArgSort(kernel),
  random: (kernel) => lowerRandom(kernel),
}

/** Launches that carry out a kernel. @throws DTypeError for float64 */
export function lower(kernel: Kernel, context: LoweringContext): Lowering {
  return (lowerings[kernel.kind] as Lower<Kernel['kind']>)(kernel, context)
}
