import type { Kernel } from '../../schedule/kernels.ts'
import type { Target } from './assembler/index.ts'
import { lowerMatmul } from './contract/index.ts'
import { lowerEpilogue } from './kernels/epilogue.ts'
import { lowerMap } from './kernels/map.ts'
import { lowerReduce } from './kernels/reduce.ts'
import type { Lowering } from './launch.ts'

/** What a kernel is lowered for. */
export interface LoweringContext {
  readonly target: Target
  /** Position of the kernel in its program, by which it reports faults. */
  readonly position: number
}

type Lower<K extends Kernel['kind']> = (kernel: Extract<Kernel, { kind: K }>, context: LoweringContext) => Lowering

const lowerings: { readonly [K in Kernel['kind']]?: Lower<K> } = {
  map: (kernel) => lowerMap(kernel),
  reduce: (kernel) => lowerReduce(kernel),
  matmul: (kernel, { target }) => lowerMatmul(kernel, target, lowerEpilogue),
}

/** Launches that carry out a kernel. @throws DTypeError for float64 */
export function lower(kernel: Kernel, context: LoweringContext): Lowering {
  return (lowerings[kernel.kind] as Lower<Kernel['kind']>)(kernel as never, context)
}
