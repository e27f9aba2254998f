import type { ScatterAddKernel } from '../../../schedule/kernels.ts'
import { bytesPerElement } from '../../../dtype.ts'
import { BackendError } from '../../../errors.ts'
import type { ModuleBuilder } from '../assembler/index.ts'
import { ArgumentList } from '../body/argument-list.ts'
import { specOfAccess } from '../body/spec.ts'
import type { Lowering } from '../launch.ts'
import { grainFor, product } from './cost.ts'
import { writeScatterBlocks } from './scatter-blocks.ts'
import { writeScatterLines } from './scatter-lines.ts'
import { COLUMNS, type ScatterSpec } from './scatter-spec.ts'

/**
 * Zeros, then sums of updates at the places that indices say. One unit is a line along the scattered axis, or
 * 64 of them side by side: no two units write to the same place, and each adds in ascending order.
 */
export function lowerScatterAdd(kernel: ScatterAddKernel, position: number): Lowering {
  const { axis, store } = kernel
  if (store.dtype === 'float16' || store.dtype === 'float64') {
    throw new BackendError(`wasm: scatterAdd is not defined on ${store.dtype}`)
  }
  // The scattered axis goes last; what is left before it are the lines, the last axis of which lies along
  // memory.
  const order = [...kernel.shape.keys()].filter((each) => each !== axis)
  const along = axis === kernel.shape.length - 1 ? -1 : order.length - 1
  const lines = order.map((each) => kernel.shape[each])
  const args = new ArgumentList()
  const arranged = <A extends { readonly strides: readonly number[] }>(access: A): A => ({
    ...access,
    strides: [...order, axis].map((each) => access.strides[each]),
  })
  const outer = along < 0 ? lines : lines.with(along, Math.ceil(lines[along] / COLUMNS))
  const spec: ScatterSpec = {
    dtype: store.dtype,
    outer: outer.map((size) => args.int(size)),
    width: args.int(along < 0 ? 1 : lines[along]),
    count: args.int(kernel.shape[axis]),
    size: args.int(kernel.size),
    report: args.int(position + 1),
    step: args.int(store.strides[axis] * bytesPerElement(store.dtype)),
    updates: specOfAccess(arranged(kernel.updates), along, args),
    index: specOfAccess(arranged(kernel.index), along, args),
    store: specOfAccess(arranged(store), along, args),
  }
  const width = along < 0 ? 1 : Math.min(COLUMNS, lines[along])
  const launch = {
    module: {
      key: `scatterAdd ${along < 0} ${JSON.stringify(spec)}`,
      write: (builder: ModuleBuilder) =>
        along < 0 ? writeScatterLines(builder, spec) : writeScatterBlocks(builder, spec),
    },
    entry: 'scatterAdd',
    args: args.words,
    units: product(outer),
    grain: grainFor(4 * width * (kernel.shape[axis] + kernel.size)),
  }
  return { launches: [launch], scratchBytes: 0, threadScratchBytes: 0 }
}
