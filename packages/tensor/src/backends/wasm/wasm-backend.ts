import type { DType } from '../../dtype.ts'
import { BackendError, ValueError } from '../../errors.ts'
import type { Program } from '../../schedule/kernels.ts'
import type { Backend, DeviceBuffer, Executable, Fault, KernelObserver } from '../backend.ts'
import { detectFeatures } from './assembler/index.ts'
import type { ConvolutionAlgorithm } from './contract/index.ts'
import { type ProgramContext, WasmExecutable } from './executable.ts'
import { Heap } from './memory/heap.ts'
import { Region } from './memory/region.ts'
import { ModuleCache } from './module-cache.ts'
import { control, CONTROL_BYTES, LAUNCH_WORDS } from './pool/control.ts'
import { canBlock, hardwareThreads } from './pool/features.ts'
import { Pool } from './pool/pool.ts'

/** How the WebAssembly backend is to compute. What is left out is detected. */
export interface WasmOptions {
  /** Threads that compute, 1 to 64; default those of the hardware, at most 16. Needs shared memory. */
  readonly threads?: number | undefined
  /** Fused multiply-add and its like: faster, and with other last bits on other machines. */
  readonly relaxedSimd?: boolean | undefined
  /** `false` computes on the calling thread alone. */
  readonly sharedMemory?: boolean | undefined
  /** Forbids relaxed SIMD, so that two machines agree to the last bit. */
  readonly deterministic?: boolean | undefined
  /** Computes convolutions in one way wherever it can be done; default: whichever is faster for the sizes. */
  readonly convolutionAlgorithm?: ConvolutionAlgorithm | undefined
}

class WasmBuffer implements DeviceBuffer {
  readonly bytes: number
  readonly address: number
  freed = false

  constructor(bytes: number, address: number) {
    this.bytes = bytes
    this.address = address
  }
}

/** The WebAssembly backend: one memory, a pool of threads, and a cache of modules. */
export class WasmBackend implements Backend {
  readonly name = 'wasm'
  readonly dtypes: ReadonlySet<DType> = new Set<DType>(['float32', 'float16', 'int32', 'uint8', 'bool'])
  readonly details: {
    readonly threads: number
    readonly relaxedSimd: boolean
    readonly sharedMemory: boolean
  }
  readonly #heap: Heap
  readonly #pool: Pool
  readonly #modules: ModuleCache
  readonly #context: ProgramContext
  readonly #arena: Region
  readonly #scratch: Region
  readonly #threadScratch: Region
  /** The last of the runs that have been asked for and are not over; undefined when nothing is under way. */
  #tail: Promise<unknown> | undefined
  #observer: KernelObserver | undefined

  constructor(setting: WasmSetting) {
    const { threads, relaxedSimd, sharedMemory, convolutionAlgorithm } = setting
    this.details = { threads, relaxedSimd, sharedMemory }
    this.#heap = new Heap({ shared: sharedMemory, reserved: CONTROL_BYTES })
    this.#pool = new Pool(this.#heap, setting)
    this.#modules = new ModuleCache(setting, (code) => this.#pool.addModule(code))
    this.#context = { target: this.details, convolutionAlgorithm }
    this.#arena = new Region(this.#heap)
    this.#scratch = new Region(this.#heap)
    this.#threadScratch = new Region(this.#heap)
  }

  allocate(bytes: number): DeviceBuffer {
    return new WasmBuffer(bytes, this.#heap.allocate(bytes))
  }

  free(buffer: DeviceBuffer): void {
    const mine = buffer as WasmBuffer
    if (mine.freed) throw new BackendError('free: the memory has been given back already')
    mine.freed = true
    void this.#afterRuns(() => this.#heap.free(mine.address))
  }

  upload(buffer: DeviceBuffer, bytes: Uint8Array): void {
    if (bytes.length > buffer.bytes) {
      throw new BackendError(`upload: the memory is too small: ${bytes.length} bytes into ${buffer.bytes}`)
    }
    this.#heap.bytes.set(bytes, (buffer as WasmBuffer).address)
  }

  download(buffer: DeviceBuffer, bytes: number): Uint8Array | Promise<Uint8Array> {
    const { address } = buffer as WasmBuffer
    return this.#afterRuns(() => new Uint8Array(this.#heap.bytes.subarray(address, address + bytes)))
  }

  compile(program: Program): WasmExecutable {
    return new WasmExecutable(program, this.#heap, this.#modules, this.#context)
  }

  release(executable: Executable): void {
    const { address, apart } = executable as WasmExecutable
    void this.#afterRuns(() => this.#heap.free(address))
    if (apart) this.release(apart)
  }

  run(
    executable: Executable,
    buffers: readonly (DeviceBuffer | undefined)[],
    values: ArrayLike<number>,
  ): Fault | undefined | Promise<Fault | undefined> {
    const mine = executable as WasmExecutable
    const addresses = buffers.map((buffer) => (buffer as WasmBuffer | undefined)?.address ?? 0)
    if (this.#tail === undefined) return this.#queue(this.#start(mine, addresses, values))
    const copy = Array.from(values)
    return this.#queue(this.#tail.then(() => this.#start(mine, addresses, copy)))
  }

  observe(observer: KernelObserver | undefined): void {
    this.#observer = observer
  }

  memory(): { readonly used: number; readonly reserved: number } {
    return { used: this.#heap.used, reserved: this.#heap.reserved }
  }

  dispose(): void {
    this.#pool.dispose()
  }

  #start(
    compiled: WasmExecutable,
    addresses: readonly number[],
    values: ArrayLike<number>,
  ): Fault | undefined | Promise<Fault | undefined> {
    let executable = compiled
    if (this.#observer) {
      // Kernels that are watched run one after the other.
      const { chains: _, groups: __, ...program } = compiled.program
      executable = compiled.apart ??= this.compile(program)
    }
    const places = [
      this.#arena.reach(executable.program.arenaBytes),
      this.#scratch.reach(executable.scratchBytes),
      this.#threadScratch.reach(executable.threadScratchBytes * this.details.threads),
      ...addresses,
    ]
    const { words } = this.#heap
    executable.bind(words, places, values)
    words[control.fault] = 0
    const running = this.#observer
      ? this.#runWatched(executable, this.#observer)
      : this.#pool.run(executable.address, executable.launches)
    return running instanceof Promise ? running.then(() => this.#fault()) : this.#fault()
  }

  /** Runs the launches of one kernel after those of another. */
  #runWatched(
    executable: WasmExecutable,
    observer: KernelObserver,
    from = 0,
    launched = 0,
  ): void | Promise<void> {
    const { program, address, launchesOfKernel } = executable
    for (let kernel = from, first = launched; kernel < program.kernels.length; kernel++) {
      const count = launchesOfKernel[kernel]
      const start = performance.now()
      const report = (): void => observer(program.kernels[kernel], program, start, performance.now() - start)
      const running = this.#pool.run(address + 4 * LAUNCH_WORDS * first, count)
      first += count
      if (running instanceof Promise) {
        return running.then(() => {
          report()
          return this.#runWatched(executable, observer, kernel + 1, first)
        })
      }
      report()
    }
  }

  #fault(): Fault | undefined {
    const fault = this.#heap.words[control.fault]
    return fault === 0 ? undefined : { kernel: fault - 1 }
  }

  /** Remembers a run that is under way as the last one, whether it fails or not. */
  #queue<T>(result: T | Promise<T>): T | Promise<T> {
    if (!(result instanceof Promise)) return result
    const tail = result
      .then(
        () => undefined,
        () => undefined,
      )
      .then(() => {
        if (this.#tail === tail) this.#tail = undefined
      })
    this.#tail = tail
    return result
  }

  /** `action`, now if nothing is under way, else when all runs asked for so far are over. */
  #afterRuns<T>(action: () => T): T | Promise<T> {
    return this.#tail === undefined ? action() : this.#tail.then(action)
  }
}

/** Everything decided. */
interface WasmSetting {
  readonly threads: number
  readonly relaxedSimd: boolean
  readonly sharedMemory: boolean
  readonly blocking: boolean
  readonly convolutionAlgorithm: ConvolutionAlgorithm | undefined
}

let warned = false

/**
 * The backend that computes with WebAssembly SIMD on all threads of the machine.
 *
 * @throws BackendError where there is no WebAssembly SIMD, or something asked for is missing
 * @throws ValueError when `threads` is not a whole number from 1 to 64
 */
export function createWasmBackend(options: WasmOptions = {}): WasmBackend {
  return new WasmBackend(decide(options))
}

function decide({
  threads,
  relaxedSimd,
  sharedMemory,
  deterministic = false,
  convolutionAlgorithm,
}: WasmOptions): WasmSetting {
  const features = detectFeatures()
  if (!features.simd)
    throw new BackendError('wasm: this platform has no WebAssembly SIMD: use the reference backend')
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 64)) {
    throw new ValueError(`wasm: threads must be a whole number from 1 to 64: ${threads}`)
  }
  if (relaxedSimd === true && deterministic) {
    throw new BackendError('wasm: deterministic and relaxedSimd exclude each other')
  }
  if (relaxedSimd === true && !features.relaxedSimd)
    throw new BackendError('wasm: this platform has no relaxed SIMD')
  if (sharedMemory === true && !features.threads)
    throw new BackendError('wasm: this platform has no shared memory')
  const wanted = threads ?? Math.min(16, hardwareThreads())
  const blocking = !features.threads || canBlock()
  // One thread that may block has nobody to share memory with.
  const shared = sharedMemory ?? (features.threads && (wanted > 1 || !blocking))
  if (!shared && sharedMemory === undefined && wanted > 1) warnAboutThreads()
  return {
    threads: shared ? wanted : 1,
    relaxedSimd: (relaxedSimd ?? features.relaxedSimd) && !deterministic,
    sharedMemory: shared,
    // Without shared memory nobody else can compute, whatever the calling thread is.
    blocking: blocking || !shared,
    convolutionAlgorithm,
  }
}

function warnAboutThreads(): void {
  if (warned) return
  warned = true
  // oxlint-disable-next-line no-console -- once, and nobody would find out otherwise why it is slow
  console.warn(
    'badak: computing on one thread: memory cannot be shared here ' +
      '(a page needs the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp)',
  )
}
