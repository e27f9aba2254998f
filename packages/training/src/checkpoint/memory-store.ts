import { decodeSafetensors, encodeSafetensors } from '@badak/formats'
import { ValueError } from '@badak/tensor'
import type { CheckpointStore } from './store.ts'

/** Checkpoints in memory: for tests, and for going back within one process. */
export function memoryStore(): CheckpointStore {
  const files = new Map<string, Uint8Array>()
  return {
    names: async () => [...files.keys()],
    async write(name, { tensors, metadata }) {
      files.set(name, await encodeSafetensors(tensors, metadata))
    },
    async read(name) {
      const bytes = files.get(name)
      if (!bytes) throw new ValueError(`memoryStore: there is no checkpoint "${name}"`)
      return decodeSafetensors(bytes)
    },
    async remove(name) {
      files.delete(name)
    },
  }
}
