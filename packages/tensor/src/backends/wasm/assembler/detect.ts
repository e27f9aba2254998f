import type { Code } from './code.ts'
import { drop } from './control.ts'
import { ModuleBuilder } from './module.ts'
import { f32x4 } from './vector.ts'

/** What this engine can run. */
export interface Features {
  /** 128-bit vectors; without them there is no WebAssembly backend. */
  readonly simd: boolean
  readonly relaxedSimd: boolean
  /** Shared memory and atomics; false on a page without cross-origin isolation. */
  readonly threads: boolean
}

let known: Features | undefined

/** Asks the engine by showing it tiny modules. */
export function detectFeatures(): Features {
  known ??= {
    simd: accepts(drop(f32x4.add(1, 2))),
    relaxedSimd: accepts(drop(f32x4.relaxed_madd(1, 2, 3))),
    threads: hasSharedMemory(),
  }
  return known
}

function accepts(body: Code): boolean {
  if (typeof WebAssembly === 'undefined') return false
  const module = new ModuleBuilder({ sharedMemory: false, relaxedSimd: true })
  module.func({ params: [] }, () => body)
  return WebAssembly.validate(module.bytes())
}

function hasSharedMemory(): boolean {
  // Pages that are not isolated lack SharedArrayBuffer, but their engine would still make a shared memory.
  if (typeof SharedArrayBuffer === 'undefined' || typeof WebAssembly === 'undefined') return false
  try {
    return (
      new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer instanceof SharedArrayBuffer
    )
  } catch {
    return false
  }
}
