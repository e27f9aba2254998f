import { createReferenceBackend } from '../src/backends/reference/index.ts'
import { type DType, type TypedArray, bytesPerElement, viewOf } from '../src/dtype.ts'
import { bringImageKernels } from '../src/image-kernels.ts'
import type { Access, Body, Instruction, Kernel, Load } from '../src/schedule/kernels.ts'

// No operation does it here: kernels are run directly.
bringImageKernels()

export interface Slot {
  readonly dtype: DType
  readonly data: readonly number[]
}

export const slot = (dtype: DType, ...data: number[]): Slot => ({ dtype, data })

/** Runs one kernel whose store is slot 0, `size` elements of `dtype`; the other slots are inputs. */
export function runKernel(
  kernel: Kernel,
  result: DType,
  size: number,
  inputs: readonly Slot[],
  values: number[] = [],
): number[] {
  const backend = createReferenceBackend()
  const bytes = (count: number, dtype: DType) =>
    Math.max(Math.ceil((count * bytesPerElement(dtype)) / 64) * 64, 64)
  const buffers = [backend.allocate(bytes(size, result))]
  for (const { dtype, data } of inputs) {
    const buffer = backend.allocate(bytes(data.length, dtype))
    const array = new {
      float32: Float32Array,
      float64: Float64Array,
      float16: Uint16Array,
      int32: Int32Array,
      uint8: Uint8Array,
      bool: Uint8Array,
    }[dtype](data)
    backend.upload(buffer, new Uint8Array(array.buffer))
    buffers.push(buffer)
  }
  const slots = buffers.map((buffer, k) => ({
    kind: k === 0 ? ('output' as const) : ('input' as const),
    bytes: buffer.bytes,
  }))
  const executable = backend.compile({ slots, kernels: [kernel], arenaBytes: 0, values: values.length })
  const fault = backend.run(executable, buffers, values)
  if (fault !== undefined) throw new Error(`fault ${JSON.stringify(fault)}`)
  const raw = backend.download(buffers[0]!, size * bytesPerElement(result)) as Uint8Array
  const read: TypedArray = viewOf(result, raw.buffer, raw.byteOffset, size)
  return [...read]
}

export const access = (slot: number, dtype: DType, strides: number[], offset = 0): Access => ({
  slot,
  dtype,
  offset,
  strides,
})
export const body = (loads: Load[], ...instructions: Instruction[]): Body => ({ loads, instructions })
export const accumulated = (dtype: DType): Body => body([], { op: 'accumulator', dtype })
