/** What the platform allows, found by trying it, never by its name. */

/** Whether this thread may sleep: true everywhere but on the main thread of a page. */
export function canBlock(): boolean {
  try {
    // The values differ, so this never really waits; where waiting is forbidden it throws.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1)
    return true
  } catch {
    return false
  }
}

/** Threads that the hardware runs at once; 1 if unknown. */
export function hardwareThreads(): number {
  const os = builtin('node:os') as typeof import('node:os') | undefined
  return os?.availableParallelism?.() ?? globalThis.navigator?.hardwareConcurrency ?? 1
}

/** Threads of Node, and of what is compatible with it. */
export function workerThreads(): typeof import('node:worker_threads') | undefined {
  return builtin('node:worker_threads') as typeof import('node:worker_threads') | undefined
}

/** A module of the platform; not an import, so that bundlers for browsers have nothing to resolve. */
function builtin(name: string): unknown {
  return globalThis.process?.getBuiltinModule?.(name)
}
