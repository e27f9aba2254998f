import type { Backend, KernelObserver } from '../backends/backend.ts'
import { createWasmBackend } from '../backends/wasm/index.ts'

/** Where and how graphs are evaluated. */
export interface Configuration {
  /** `wasm` (default), `reference`, or a backend made elsewhere. */
  backend?: 'wasm' | 'reference' | Backend
  /** Threads of the `wasm` backend; default: one for each core, 16 at most. */
  threads?: number
  /** Whether the `wasm` backend may use relaxed SIMD; default: if the engine has it. */
  relaxedSimd?: boolean
  /**
   * Whether the `wasm` backend may use shared memory, without which it has one thread; default: if there is
   * any.
   */
  sharedMemory?: boolean
  /**
   * The same bits on every machine: forbids relaxed SIMD, whose rounding is up to engine and processor.
   * Default false.
   */
  deterministic?: boolean
  /**
   * How the `wasm` backend computes convolutions where both ways can be taken (3×3, stride 1): `'winograd'`
   * is up to four times as fast, `'direct'` an order of magnitude more exact. Default: the faster one for the
   * sizes at hand.
   */
  convolutionAlgorithm?: 'winograd' | 'direct'
  /**
   * `'eager'` evaluates each operation at once on the reference backend and stops at the first NaN. Default
   * false.
   */
  debug?: 'eager' | false
  /** `false` gives each operation a kernel of its own. Default true. */
  fuse?: boolean
}

let configuration: Configuration = {}
/** Given by `configure`, without which there is no way to ask for it: most programs go without its code. */
let makeReference: (() => Backend) | undefined
let backend: Backend | undefined
let watching: KernelObserver | undefined

/** Evaluates graphs as `options` say from now on. They have been checked. */
export function choose(options: Configuration, reference: () => Backend): void {
  configuration = { ...options }
  makeReference = reference
  backend?.observe?.(undefined)
  backend = undefined
}

/**
 * Backends that were made here, by what makes them differ, so that switching to and fro keeps memory and
 * threads.
 */
const made = new Map<string, Backend>()

/** The backend on which the next evaluation runs; made when it is first needed. */
export function currentBackend(): Backend {
  if (!backend) {
    backend = makeBackend()
    if (watching) backend.observe?.(watching)
  }
  return backend
}

/** Tells `observer` of each kernel that runs from now on, or nobody (`undefined`). */
export function watchKernels(observer: KernelObserver | undefined): void {
  watching = observer
  backend?.observe?.(observer)
}

function makeBackend(): Backend {
  const { backend: choice = 'wasm', debug, fuse: _, ...options } = configuration
  if (typeof choice !== 'string') return choice
  const name = debug === 'eager' ? 'reference' : choice
  const key = name === 'reference' ? name : `${name} ${JSON.stringify(options)}`
  let found = made.get(key)
  if (!found) {
    found = name === 'reference' ? makeReference!() : createWasmBackend(options)
    made.set(key, found)
  }
  return found
}

/** Whether elementwise work is fused into its consumers. */
export function fusing(): boolean {
  return configuration.fuse ?? true
}

/** Whether each operation is evaluated as soon as it is called. */
export function debugging(): boolean {
  return configuration.debug === 'eager'
}

/** What evaluates graphs now: its name and, for `wasm`, its threads and features. */
export function backendInfo(): Readonly<Record<string, string | number | boolean>> {
  const { name, details } = currentBackend()
  return { name, ...details }
}

/** Device memory in bytes: in use by tensors, cells and plans, and held from the system. */
export function memory(): { readonly used: number; readonly reserved: number } {
  return currentBackend().memory()
}

/**
 * Ends the threads and drops the memory of every backend; tensors in memory are lost. For the end of a
 * program or test.
 */
export function shutdown(): void {
  for (const each of made.values()) each.dispose()
  made.clear()
  backend = undefined
}
