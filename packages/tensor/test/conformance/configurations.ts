import type { Configuration } from '../../src/index.ts'

/** Everything that changes how the WASM backend computes, so that each way is tested. */
export const wasmConfigurations: readonly Configuration[] = [
  { backend: 'wasm', threads: 1, relaxedSimd: true, sharedMemory: true },
  { backend: 'wasm', threads: 1, relaxedSimd: false, sharedMemory: true },
  { backend: 'wasm', threads: 2, relaxedSimd: true, sharedMemory: true },
  { backend: 'wasm', threads: 2, relaxedSimd: false, sharedMemory: true },
  { backend: 'wasm', threads: 1, relaxedSimd: true, sharedMemory: false },
  { backend: 'wasm', threads: 1, relaxedSimd: false, sharedMemory: false },
  { backend: 'wasm', threads: 2, relaxedSimd: true, sharedMemory: true, fuse: false },
]

export function describeConfiguration(configuration: Configuration): string {
  return Object.entries(configuration)
    .map(([name, value]) => (name === 'backend' ? String(value) : `${name} ${String(value)}`))
    .join(', ')
}
