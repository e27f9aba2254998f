import type { MatmulKernel } from '../../schedule/kernels.ts'
import { prepareBody } from './body.ts'
import { forEachIndex, type Memory } from './memory.ts'

/** The matrix product, by its definition: `Σₖ left[m, k] · right[k, n]` for each matrix of the batch. */
export function runMatmul(kernel: MatmulKernel, memory: Memory): void {
  const { batch, m, n, k: inner } = kernel
  const left = memory.reader(kernel.left)
  const right = memory.reader(kernel.right)
  const epilogue = prepareBody(kernel.epilogue, memory)
  const write = memory.writer(kernel.store)
  const { length: axes } = batch
  forEachIndex([...batch, m, n], (index) => {
    const a = [...index]
    const b = [...index]
    let sum = 0
    for (let k = 0; k < inner; k++) {
      a[axes + 1] = k
      b[axes] = k
      sum += left(a) * right(b)
    }
    write(index, epilogue(index, sum))
  })
}
