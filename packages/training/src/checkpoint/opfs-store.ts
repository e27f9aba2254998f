import { decodeSafetensors, encodeSafetensors } from '@badak/formats'
import { BadakError, FormatError } from '@badak/tensor'
import { type CheckpointStore, extension } from './store.ts'

/**
 * Checkpoints in the origin private file system of a browser, in the directory `path`, which is made if need
 * be. What is written appears when it is complete: the browser keeps it aside until then.
 *
 * @throws BadakError where there is no such file system, when it is first used
 */
export function opfsStore(path: string): CheckpointStore {
  const open = async (): Promise<FileSystemDirectoryHandle> => {
    const storage = globalThis.navigator?.storage as StorageManager | undefined
    if (!storage?.getDirectory) throw new BadakError('opfsStore: there is no origin private file system here')
    let directory = await storage.getDirectory()
    for (const part of path.split('/').filter(Boolean))
      directory = await directory.getDirectoryHandle(part, { create: true })
    return directory
  }
  return {
    async names() {
      const directory = await open()
      const names: string[] = []
      for await (const handle of directory.values()) {
        if (handle.kind !== 'file' || !handle.name.endsWith(extension)) continue
        // A first write that was interrupted leaves an empty file.
        const { size } = await handle.getFile()
        if (size > 0) names.push(handle.name.slice(0, -extension.length))
      }
      return names
    },
    async write(name, { tensors, metadata }) {
      const bytes = await encodeSafetensors(tensors, metadata)
      const file = await (await open()).getFileHandle(name + extension, { create: true })
      const stream = await file.createWritable()
      await stream.write(bytes)
      await stream.close()
    },
    async read(name) {
      const file = await (await (await open()).getFileHandle(name + extension)).getFile()
      const bytes = new Uint8Array(await file.arrayBuffer())
      try {
        return decodeSafetensors(bytes)
      } catch (cause) {
        throw new FormatError(`opfsStore: ${path}/${name}${extension}: ${(cause as Error).message}`, {
          cause,
        })
      }
    },
    async remove(name) {
      const directory = await open()
      await directory.removeEntry(name + extension).catch((error: DOMException) => {
        if (error.name !== 'NotFoundError') throw error
      })
    },
  }
}
