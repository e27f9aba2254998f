import type { DType } from '../dtype.ts'
import type { Kernel, Program } from '../schedule/kernels.ts'

/** A piece of device memory. What is behind it is the backend's business. */
export interface DeviceBuffer {
  readonly bytes: number
}

/** A compiled program. */
export interface Executable {
  readonly program: Program
}

/** A kernel met an index outside of its axis. */
export interface Fault {
  readonly kernel: number
}

/**
 * Told of a kernel that has run: when it began, as `performance.now()` tells time, and how long it took, in
 * ms.
 */
export type KernelObserver = (kernel: Kernel, program: Program, start: number, duration: number) => void

/**
 * What a device must do.
 *
 * Calls take effect in the order in which they are made. A backend may return before the work is done; then
 * `run` gives a promise, and `download` waits for everything before it.
 */
export interface Backend {
  readonly name: string
  readonly dtypes: ReadonlySet<DType>
  /** What a user may want to know: threads, features. */
  readonly details: Readonly<Record<string, string | number | boolean>>

  /** Memory of at least `bytes`, not cleared, aligned to 64. @throws MemoryError */
  allocate(bytes: number): DeviceBuffer

  /** Gives memory back; safe while runs that use it are still queued. */
  free(buffer: DeviceBuffer): void

  /**
   * Fills a buffer that no run has used since it was allocated. The bytes are copied before the call returns.
   */
  upload(buffer: DeviceBuffer, bytes: Uint8Array): void

  /** A copy of the first `bytes` bytes. */
  download(buffer: DeviceBuffer, bytes: number): Uint8Array | Promise<Uint8Array>

  /** Prepares kernels to be run, once for each plan. */
  compile(program: Program): Executable

  /** Drops what `compile` prepared. */
  release(executable: Executable): void

  /**
   * Runs a program: `buffers[s]` is bound to slot s (undefined for temporaries), `values` are the numbers it
   * reads.
   */
  run(
    executable: Executable,
    buffers: readonly (DeviceBuffer | undefined)[],
    values: ArrayLike<number>,
  ): Fault | undefined | Promise<Fault | undefined>

  /**
   * Tells `observer` of each kernel from now on, or nobody (`undefined`). Kernels that are watched run one at
   * a time; those that are not cost nothing more. A backend may do without.
   */
  observe?(observer: KernelObserver | undefined): void

  /** Bytes in use and bytes held from the system. */
  memory(): { readonly used: number; readonly reserved: number }

  /** Ends threads and drops memory. */
  dispose(): void
}
