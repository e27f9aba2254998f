import type { GatherKernel } from '../../schedule/kernels.ts'
import { forEachIndex, type Memory } from './memory.ts'

/**
 * `store[i] = source[i with i[axis] replaced by index(i)]`. @returns whether all indices were inside of the
 * axis
 */
export function runGather(kernel: GatherKernel, memory: Memory): boolean {
  const { shape, axis, size } = kernel
  const source = memory.reader(kernel.source)
  const at = memory.reader(kernel.index)
  const write = memory.writer(kernel.store)
  let valid = true
  forEachIndex(shape, (index) => {
    const position = at(index)
    if (position < 0 || position >= size) valid = false
    else write(index, source(index.with(axis, position)))
  })
  return valid
}
