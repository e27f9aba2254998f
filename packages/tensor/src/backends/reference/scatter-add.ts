import type { ScatterAddKernel } from '../../schedule/kernels.ts'
import { forEachIndex, type Memory } from './memory.ts'
import { joinFunction } from './scalar-functions.ts'
import { sizeOf } from '../../shape.ts'

/**
 * `store = 0`, then `store[i with i[axis] replaced by index(i)] += updates(i)`. The sums are kept in double
 * precision until all are done. @returns whether all indices were inside of the axis
 */
export function runScatterAdd(kernel: ScatterAddKernel, memory: Memory): boolean {
  const { shape, axis, size, store } = kernel
  const update = memory.reader(kernel.updates)
  const at = memory.reader(kernel.index)
  const add = joinFunction('add', store.dtype)
  const result = shape.with(axis, size)
  const sums = new Float64Array(sizeOf(result))
  const positionOf = (index: readonly number[]): number => index.reduce((sum, i, a) => sum * result[a] + i, 0)
  let valid = true
  // Row-major order visits the elements that meet in one place in ascending order of i[axis].
  forEachIndex(shape, (index) => {
    const target = at(index)
    if (target < 0 || target >= size) return void (valid = false)
    const position = positionOf(index.with(axis, target))
    sums[position] = add(sums[position], update(index))
  })
  const write = memory.writer(store)
  forEachIndex(result, (index) => write(index, sums[positionOf(index)]))
  return valid
}
