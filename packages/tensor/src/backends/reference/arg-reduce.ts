import type { ArgReduceKernel } from '../../schedule/kernels.ts'
import { forEachIndex, type Memory } from './memory.ts'

/**
 * Where along an axis the greatest or least element is: the first of equals, the first NaN if there is one.
 */
export function runArgReduce(kernel: ArgReduceKernel, memory: Memory): void {
  const read = memory.reader(kernel.load)
  const write = memory.writer(kernel.store)
  const beats = kernel.op === 'argmax' ? (x: number, y: number) => x > y : (x: number, y: number) => x < y
  forEachIndex(kernel.shape, (index) => {
    let best = 0
    let value = read([...index, 0])
    for (let j = 1; j < kernel.size && !Number.isNaN(value); j++) {
      const candidate = read([...index, j])
      if (beats(candidate, value) || Number.isNaN(candidate)) {
        best = j
        value = candidate
      }
    }
    write(index, best)
  })
}
