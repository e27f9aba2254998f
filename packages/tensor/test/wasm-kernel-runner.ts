import { expect } from 'vitest'
import type { Backend, Fault } from '../src/backends/backend.ts'
import { createReferenceBackend } from '../src/backends/reference/index.ts'
import { createWasmBackend } from '../src/backends/wasm/index.ts'
import { bytesPerElement, type DType, type TypedArray, viewOf } from '../src/dtype.ts'
import { bringCumulativeSumKernels } from '../src/cumulative-sum-kernels.ts'
import { bringDivisionFunctions } from '../src/division-functions.ts'
import { bringErrorFunction } from '../src/error-function.ts'
import { bringImageKernels } from '../src/image-kernels.ts'
import { bringSortKernels } from '../src/sort-kernels.ts'
import { bringTrigonometricFunctions } from '../src/trigonometric-functions.ts'
import type { Kernel, Slot } from '../src/schedule/kernels.ts'

// No operation does it here: kernels are run directly.
bringCumulativeSumKernels()
bringDivisionFunctions()
bringErrorFunction()
bringImageKernels()
bringSortKernels()
bringTrigonometricFunctions()

/** The oracle, and the backend under test on one thread, without shared memory, and on two. */
const reference = createReferenceBackend()
export const alone = createWasmBackend({ threads: 1, sharedMemory: false })
export const shared = createWasmBackend({ threads: 2 })

/** What is in a slot, or how much room a result needs. */
export type Content = TypedArray | { readonly dtype: DType; readonly length: number }

const GUARD = 64
const GUARD_BYTE = 0xab

const padded = (bytes: number): number => Math.max(64, Math.ceil(bytes / 64) * 64)

export interface Outcome {
  readonly fault: Fault | undefined
  readonly result: TypedArray
}

/**
 * Runs one kernel on `backend`; slot k holds `contents[k]`, and the only slot without content is the result.
 * Inputs are followed by bytes that make NaN, results by bytes that must not change.
 */
export function runKernel(
  backend: Backend,
  kernel: Kernel,
  contents: readonly Content[],
  values: readonly number[] = [],
): Outcome {
  const bytesOf = (content: Content): number =>
    ArrayBuffer.isView(content) ? content.byteLength : content.length * bytesPerElement(content.dtype)
  const slots = contents.map((content): Slot => ({
    kind: ArrayBuffer.isView(content) ? 'input' : 'output',
    bytes: padded(bytesOf(content)),
  }))
  const buffers = contents.map((content, k) => {
    const bytes = slots[k]!.bytes + GUARD
    const image = new Uint8Array(bytes).fill(ArrayBuffer.isView(content) ? 0xff : GUARD_BYTE)
    if (ArrayBuffer.isView(content))
      image.set(new Uint8Array(content.buffer, content.byteOffset, content.byteLength))
    const buffer = backend.allocate(bytes)
    backend.upload(buffer, image)
    return buffer
  })
  const executable = backend.compile({ slots, kernels: [kernel], arenaBytes: 0, values: values.length })
  try {
    const fault = backend.run(executable, buffers, values) as Fault | undefined
    const at = contents.findIndex((content) => !ArrayBuffer.isView(content))
    const { dtype, length } = contents[at] as { dtype: DType; length: number }
    const raw = backend.download(buffers[at]!, buffers[at]!.bytes) as Uint8Array
    expect(
      raw.subarray(slots[at]!.bytes).every((byte) => byte === GUARD_BYTE),
      'writes past the slot',
    ).toBe(true)
    return { fault, result: viewOf(dtype, raw.buffer, raw.byteOffset, length) }
  } finally {
    backend.release(executable)
    for (const buffer of buffers) backend.free(buffer)
  }
}

/**
 * What is different between the backend under test, on one thread and on two, and the reference backend,
 * whose arithmetic must be exact here; undefined if nothing is, not even a sign of zero.
 */
export function difference(
  kernel: Kernel,
  contents: readonly Content[],
  values: readonly number[] = [],
): string | undefined {
  const want = runKernel(reference, kernel, contents, values)
  for (const backend of [alone, shared]) {
    const got = runKernel(backend, kernel, contents, values)
    if (got.fault?.kernel !== want.fault?.kernel)
      return `faults differ: ${JSON.stringify([got.fault, want.fault])}`
    const wrong = want.result.findIndex((value, k) => !Object.is(value, got.result[k]))
    if (wrong < 0) continue
    const place = `${kernel.label}, element ${wrong} of ${want.result.length}`
    return `${place}: ${got.result[wrong]}, not ${want.result[wrong]}: ${JSON.stringify(kernel)}`
  }
  return undefined
}

/** Numbers from a small generator (mulberry32), the same in every run. */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** `length` elements on which a few sums and products are exact: quarters, small integers, bits. */
export function exactValues(dtype: DType, length: number, random: () => number): TypedArray {
  const whole = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1))
  switch (dtype) {
    case 'float32':
      return Float32Array.from({ length }, () => whole(-16, 16) / 4)
    case 'float16':
      // Bit patterns of ±1, ±1.5, ±2, ±0.5, 0.
      return Uint16Array.from(
        { length },
        () => [0x3c00, 0xbc00, 0x3e00, 0xbe00, 0x4000, 0xc000, 0x3800, 0xb800, 0][whole(0, 8)]!,
      )
    case 'int32':
      return Int32Array.from({ length }, () => whole(-100, 100))
    case 'uint8':
      return Uint8Array.from({ length }, () => whole(0, 255))
    case 'bool':
      return Uint8Array.from({ length }, () => whole(0, 1))
    default:
      throw new Error(dtype)
  }
}
