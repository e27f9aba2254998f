import type { DType } from '../../dtype.ts'
import { BackendError, MemoryError } from '../../errors.ts'
import type { Program } from '../../schedule/kernels.ts'
import type { Backend, DeviceBuffer, Executable, Fault, KernelObserver } from '../backend.ts'
import { type Bytes, Memory } from './memory.ts'
import { runKernel } from './runners.ts'

const dtypes = new Set<DType>(['float32', 'float64', 'float16', 'int32', 'uint8', 'bool'])

/**
 * Interprets kernels one element at a time in plain TypeScript: the definition of what every other backend
 * must compute, and slow. Functions and sums are computed in double precision and then rounded to the type of
 * the result, so that fusion changes nothing, bit for bit. All calls are synchronous.
 */
export function createReferenceBackend(): Backend {
  return new ReferenceBackend()
}

class ReferenceBackend implements Backend {
  readonly name = 'reference'
  readonly dtypes: ReadonlySet<DType> = dtypes
  readonly details = {}
  readonly #buffers = new Map<DeviceBuffer, ArrayBuffer>()
  #observer: KernelObserver | undefined

  allocate(bytes: number): DeviceBuffer {
    const buffer = { bytes }
    try {
      this.#buffers.set(buffer, new ArrayBuffer(bytes))
    } catch {
      throw new MemoryError(
        `reference: out of memory: ${bytes} bytes asked for, ${this.memory().used} in use`,
      )
    }
    return buffer
  }

  free(buffer: DeviceBuffer): void {
    this.#buffers.delete(buffer)
  }

  upload(buffer: DeviceBuffer, bytes: Uint8Array): void {
    new Uint8Array(this.#bytesOf(buffer)).set(bytes)
  }

  download(buffer: DeviceBuffer, bytes: number): Uint8Array {
    return new Uint8Array(this.#bytesOf(buffer).slice(0, bytes))
  }

  compile(program: Program): Executable {
    return { program }
  }

  release(): void {}

  run(
    { program }: Executable,
    buffers: readonly (DeviceBuffer | undefined)[],
    values: ArrayLike<number>,
  ): Fault | undefined {
    const arena = new ArrayBuffer(program.arenaBytes)
    const slots = program.slots.map((slot, position): Bytes => {
      if (slot.kind === 'temporary') return { buffer: arena, offset: slot.offset, length: slot.bytes }
      const buffer = this.#bytesOf(buffers[position])
      return { buffer, offset: 0, length: buffer.byteLength }
    })
    const memory = new Memory(slots, values)
    const observer = this.#observer
    const kernel = program.kernels.findIndex((each) => {
      const start = observer ? performance.now() : 0
      const completed = runKernel(each, memory)
      observer?.(each, program, start, performance.now() - start)
      return completed === false
    })
    return kernel < 0 ? undefined : { kernel }
  }

  observe(observer: KernelObserver | undefined): void {
    this.#observer = observer
  }

  memory(): { readonly used: number; readonly reserved: number } {
    let used = 0
    for (const { byteLength } of this.#buffers.values()) used += byteLength
    return { used, reserved: used }
  }

  dispose(): void {
    this.#buffers.clear()
  }

  #bytesOf(buffer: DeviceBuffer | undefined): ArrayBuffer {
    const bytes = buffer && this.#buffers.get(buffer)
    if (bytes) return bytes
    throw new BackendError(
      buffer ? 'reference: the buffer was freed' : 'reference: a slot of the program has no buffer',
    )
  }
}
