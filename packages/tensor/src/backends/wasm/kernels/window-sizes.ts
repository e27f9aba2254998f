import { bytesPerElement } from '../../../dtype.ts'
import type { WindowGeometry } from '../../../graph/geometry.ts'

/** Sizes in the argument block. */
export const windowSizes = [
  'inputHeight',
  'inputWidth',
  'kernelHeight',
  'kernelWidth',
  'outputHeight',
  'outputWidth',
  'strideHeight',
  'strideWidth',
  'dilationHeight',
  'dilationWidth',
  'paddingTop',
  'paddingLeft',
] as const satisfies readonly (keyof WindowGeometry)[]

/** Words of the argument block, in this order; the last one where there is a gradient. */
export const windowWords = ['load', 'store', ...windowSizes, 'gradient'] as const

/** Base-2 logarithm of the bytes of an element. */
export function shiftOf(dtype: 'float32' | 'int32' | 'uint8'): number {
  return Math.log2(bytesPerElement(dtype))
}
