import type { MapKernel } from '../../schedule/kernels.ts'
import { prepareBody } from './body.ts'
import { forEachIndex, type Memory } from './memory.ts'

/** Each element of the result from the elements at its own position: `store[i] = body(i)`. */
export function runMap(kernel: MapKernel, memory: Memory): void {
  const body = prepareBody(kernel.body, memory)
  const write = memory.writer(kernel.store)
  forEachIndex(kernel.shape, (index) => write(index, body(index)))
}
