import { BackendError } from '../../errors.ts'
import type { BroughtKernel, Kernel, MapKernel } from '../../schedule/kernels.ts'
import type { Target } from './assembler/index.ts'
import type { ConvolutionAlgorithm } from './contract/choose-convolution.ts'
// Not by way of the folder's index, which reaches the kernels of images.
import { lowerMatmul } from './contract/matmul.ts'
import { lowerArgReduce } from './kernels/arg-reduce.ts'
import { lowerEpilogue } from './kernels/epilogue.ts'
import { lowerGather } from './kernels/gather.ts'
import { lowerMap } from './kernels/map.ts'
import { lowerRandom } from './kernels/random.ts'
import { lowerReduce } from './kernels/reduce.ts'
import { lowerScatterAdd } from './kernels/scatter-add.ts'
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

type Lowerings<K extends Kernel['kind']> = { readonly [Each in K]: Lower<Each> }

export interface BroughtLowerings extends Partial<Lowerings<BroughtKernel['kind']>> {
  /**
   * A Map that changes the order of axes, as from `[N, H, W, C]` to `[N, C, H, W]`; undefined for any other
   * one.
   */
  readonly transpose?: (kernel: MapKernel) => Lowering | undefined
}

const lowerings: Lowerings<Exclude<Kernel['kind'], BroughtKernel['kind']>> & BroughtLowerings = {
  map: (kernel, { rows }) => (rows ? undefined : lowerings.transpose?.(kernel)) ?? lowerMap(kernel, rows),
  reduce: (kernel, { rows }) => lowerReduce(kernel, rows),
  argReduce: (kernel) => lowerArgReduce(kernel),
  matmul: (kernel, { target }) => lowerMatmul(kernel, target, lowerEpilogue),
  gather: (kernel, { position }) => lowerGather(kernel, position),
  scatterAdd: (kernel, { position }) => lowerScatterAdd(kernel, position),
  random: (kernel) => lowerRandom(kernel),
}

/** Kernels that come with the operations that need them. */
export function addLowerings(brought: BroughtLowerings): void {
  Object.assign(lowerings, brought)
}

/** Launches that carry out a kernel. @throws DTypeError for float64 */
export function lower(kernel: Kernel, context: LoweringContext): Lowering {
  const lowering = lowerings[kernel.kind] as Lower<Kernel['kind']> | undefined
  if (!lowering) throw new BackendError(`wasm: no operation has brought the kernels of ${kernel.kind}`)
  return lowering(kernel, context)
}
