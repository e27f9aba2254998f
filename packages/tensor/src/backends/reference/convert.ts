import type { DType } from '../../dtype.ts'
import { fromFloat16, toFloat16 } from '../../float16.ts'

const toInt32 = (x: number): number => Math.min(Math.max(Math.trunc(x) || 0, -(2 ** 31)), 2 ** 31 - 1)

/**
 * A number as an element of a type. Floats lose their fraction on the way to an integer and stop at the ends
 * of int32 (NaN gives 0); uint8 keeps the low byte; bool asks whether it is not 0.
 */
export const convertTo: Record<DType, (x: number) => number> = {
  float64: (x) => x,
  float32: Math.fround,
  float16: (x) => fromFloat16(toFloat16(x)),
  int32: toInt32,
  uint8: (x) => toInt32(x) & 255,
  bool: (x) => (x === 0 ? 0 : 1),
}

/**
 * A computed number as an element of its type: float32 is rounded, so that a value is the same whether it
 * went through memory or not; integers, exact until here, wrap around.
 */
export const roundTo: Record<DType, (x: number) => number> = {
  ...convertTo,
  int32: (x) => x | 0,
  uint8: (x) => x & 255,
  bool: (x) => x,
}
