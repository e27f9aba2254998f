import { sizeOf } from '../../../shape.ts'
import type { MatmulKernel } from '../../../schedule/kernels.ts'
import type { Target } from '../assembler/index.ts'
import { type Lowering, scratchAddress } from '../launch.ts'
import { addressOf, denseStrides, isBareEpilogue, type LowerEpilogue } from './epilogue.ts'
import { finishWords } from './finish.ts'
import { MAXIMUM_BATCH_AXES } from './gemm-arguments.ts'
import { lowerProduct } from './lower-product.ts'
import { productOf, splitBatch } from './product.ts'
import { wholeLines } from './sizing.ts'

/** A batch of matrix products with its epilogue, as launches. Operands are float32. */
export function lowerMatmul(kernel: MatmulKernel, target: Target, lowerEpilogue: LowerEpilogue): Lowering {
  const { batch, m, n, epilogue, store } = kernel
  const shape = [...batch, m, n]
  const elements = sizeOf(shape)
  if (elements === 0) return { launches: [], scratchBytes: 0, threadScratchBytes: 0 }
  const dtype = 'float32'
  // The result goes where it is to stay if its elements have four bytes and one of its axes is contiguous.
  const stored = productOf(kernel, addressOf(store), store.strides)
  const inPlace = store.dtype === dtype && stored.result.column === 1
  const resultBytes = inPlace ? 0 : wholeLines(4 * elements)
  const address = inPlace ? addressOf(store) : scratchAddress(0)
  const strides = inPlace ? store.strides : denseStrides(shape)
  // A bias along the rows would have to follow them through the folding of batches; one along the columns
  // need not.
  const finish =
    inPlace && strides.at(-1) === 1
      ? finishWords(epilogue, { row: undefined, column: shape.length - 1, shape, store })
      : undefined
  const product = inPlace ? stored : productOf(kernel, address, strides)
  const parts = splitBatch(product, MAXIMUM_BATCH_AXES).map((part) =>
    lowerProduct(part, finish ?? {}, target, resultBytes),
  )
  const done = finish !== undefined || (inPlace && isBareEpilogue(epilogue, store, dtype))
  const last = done
    ? []
    : lowerEpilogue({ shape, body: epilogue, store, accumulator: { dtype, address, strides } })
  return {
    launches: [...parts.flatMap(({ launches }) => launches), ...last],
    scratchBytes: Math.max(...parts.map(({ scratchBytes }) => scratchBytes)),
    threadScratchBytes: Math.max(...parts.map(({ threadScratchBytes }) => threadScratchBytes)),
  }
}
