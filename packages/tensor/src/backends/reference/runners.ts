import { BackendError } from '../../errors.ts'
import type { ImageKernel, Kernel } from '../../schedule/kernels.ts'
import { runArgReduce } from './arg-reduce.ts'
import { runArgSort } from './arg-sort.ts'
import { runCumulativeSum } from './cumulative-sum.ts'
import { runGather } from './gather.ts'
import { runMap } from './map.ts'
import { runMatmul } from './matmul.ts'
import type { Memory } from './memory.ts'
import { runRandom } from './random.ts'
import { runReduce } from './reduce.ts'
import { runScatterAdd } from './scatter-add.ts'

/** How a kernel runs; `false` for an index outside of its axis. */
type Run<K extends Kernel['kind']> = (kernel: Extract<Kernel, { kind: K }>, memory: Memory) => boolean | void

type Runners<K extends Kernel['kind']> = { readonly [Each in K]: Run<Each> }
export type ImageRunners = Runners<ImageKernel['kind']>

const runners: Runners<Exclude<Kernel['kind'], ImageKernel['kind']>> = {
  map: runMap,
  reduce: runReduce,
  argReduce: runArgReduce,
  matmul: runMatmul,
  gather: runGather,
  scatterAdd: runScatterAdd,
  cumulativeSum: runCumulativeSum,
  argSort: runArgSort,
  random: runRandom,
}

// Apart from the others, so that an operation on images does not keep a backend that nobody asks for.
let images: Partial<ImageRunners> = {}

/** Kernels for images come with the operations that need them. */
export function addRunners(brought: ImageRunners): void {
  images = brought
}

export function runKernel(kernel: Kernel, memory: Memory): boolean | void {
  const run = { ...runners, ...images }[kernel.kind] as Run<Kernel['kind']> | undefined
  if (!run) throw new BackendError(`reference: no operation has brought the kernels of ${kernel.kind}`)
  return run(kernel, memory)
}
