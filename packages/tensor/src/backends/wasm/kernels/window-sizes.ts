import { bytesPerElement } from '../../../dtype.ts'
import type { WindowGeometry } from '../../../graph/geometry.ts'

/** Words of the argument block, in this order, after the addresses of the load and the store. */
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

/** Base-2 logarithm of the bytes of an element. */
export function shiftOf(dtype: 'float32' | 'int32' | 'uint8'): number {
  return Math.log2(bytesPerElement(dtype))
}
