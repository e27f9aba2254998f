import { loadSafetensors, saveSafetensors } from '@badak/formats'
import { builtin } from '../builtin.ts'
import { type CheckpointStore, extension } from './store.ts'

/**
 * Checkpoints as safetensors files in a directory, which is made if need be. In Node, Deno and Bun. A file
 * appears whole or not at all: it is written beside its place, synced, renamed.
 */
export function directoryStore(path: string): CheckpointStore {
  const { mkdir, readdir, rm } = builtin('node:fs/promises', 'directoryStore')
  const { join } = builtin('node:path', 'directoryStore')
  const fileOf = (name: string): string => join(path, name + extension)
  return {
    async names() {
      const files = await readdir(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return []
        throw error
      })
      return files.filter((file) => file.endsWith(extension)).map((file) => file.slice(0, -extension.length))
    },
    async write(name, { tensors, metadata }) {
      await mkdir(path, { recursive: true })
      await saveSafetensors(fileOf(name), tensors, metadata)
    },
    read: (name) => loadSafetensors(fileOf(name)),
    remove: (name) => rm(fileOf(name), { force: true }),
  }
}
