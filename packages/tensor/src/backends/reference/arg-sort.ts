import type { ArgSortKernel } from '../../schedule/kernels.ts'
import type { Memory } from './memory.ts'

/** The permutation that sorts each row; equal elements keep their order, NaN counts as the greatest. */
export function runArgSort(kernel: ArgSortKernel, memory: Memory): void {
  const { rows, size, descending } = kernel
  const read = memory.elements(kernel.load)
  const write = memory.writer({ ...kernel.store, strides: [1] })
  const direction = descending ? -1 : 1
  for (let row = 0; row < rows; row++) {
    const values = Array.from({ length: size }, (_, j) => read(row * size + j))
    // Array.prototype.sort is stable.
    const order = values.map((_, j) => j).sort((i, j) => direction * compare(values[i], values[j]))
    order.forEach((from, j) => write([row * size + j], from))
  }
}

function compare(x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y))
  return x < y ? -1 : x > y ? 1 : 0
}
