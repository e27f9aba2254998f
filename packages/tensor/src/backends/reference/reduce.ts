import type { DType } from '../../dtype.ts'
import type { ReduceOp } from '../../graph/scalar.ts'
import type { ReduceKernel } from '../../schedule/kernels.ts'
import { prepareBody } from './body.ts'
import { forEachIndex, type Memory } from './memory.ts'
import { joinFunction } from './scalar-functions.ts'

const least: Record<DType, number> = {
  float64: -Infinity,
  float32: -Infinity,
  float16: -Infinity,
  int32: -(2 ** 31),
  uint8: 0,
  bool: 0,
}
const greatest: Record<DType, number> = {
  float64: Infinity,
  float32: Infinity,
  float16: Infinity,
  int32: 2 ** 31 - 1,
  uint8: 255,
  bool: 1,
}

/** What changes nothing: the result of reducing no elements at all. */
const neutral: Record<ReduceOp, (dtype: DType) => number> = {
  sum: () => 0,
  prod: () => 1,
  max: (dtype) => least[dtype],
  min: (dtype) => greatest[dtype],
}

const combine = { sum: 'add', prod: 'mul', max: 'max', min: 'min' } as const

/** All elements along some axes as one: `store[i] = epilogue(⊕ⱼ prologue(i, j))`. */
export function runReduce(kernel: ReduceKernel, memory: Memory): void {
  const { op, shape, reduced } = kernel
  const dtype = kernel.prologue.instructions.at(-1)!.dtype
  const prologue = prepareBody(kernel.prologue, memory)
  const epilogue = prepareBody(kernel.epilogue, memory)
  const write = memory.writer(kernel.store)
  const join = joinFunction(combine[op], dtype)
  forEachIndex(shape, (outer) => {
    let accumulator = neutral[op](dtype)
    forEachIndex(reduced, (inner) => {
      accumulator = join(accumulator, prologue([...outer, ...inner]))
    })
    write(outer, epilogue(outer, accumulator))
  })
}
