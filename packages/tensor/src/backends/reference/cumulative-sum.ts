import type { CumulativeSumKernel } from '../../schedule/kernels.ts'
import type { Memory } from './memory.ts'
import { joinFunction } from './scalar-functions.ts'

/** Running sums along the middle axis of a dense `[outer, size, inner]`. */
export function runCumulativeSum(kernel: CumulativeSumKernel, memory: Memory): void {
  const { outer, size, inner, load } = kernel
  const read = memory.elements(load)
  const write = memory.writer({ ...kernel.store, strides: [1] })
  const add = joinFunction('add', load.dtype)
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let sum = 0
      for (let j = 0; j < size; j++) {
        const position = (o * size + j) * inner + i
        sum = add(sum, read(position))
        write([position], sum)
      }
    }
  }
}
