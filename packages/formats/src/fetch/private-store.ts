import { chunksOf, type Store, type StoredFile } from './store.ts'

/** What browsers have beyond the standard's types. */
type MovableHandle = FileSystemFileHandle & { readonly move?: (name: string) => Promise<void> }

/**
 * Keeps a file in the page's private file system (OPFS); undefined where there is none that can be written: in Safari
 * before 26, and in pages that are not secure.
 *
 * @param folders the path within it, the file's name last
 */
export async function privateStore(folders: readonly string[], partName: string): Promise<Store | undefined> {
  const root = await globalThis.navigator?.storage?.getDirectory?.().catch(() => undefined)
  if (root === undefined || !('createWritable' in FileSystemFileHandle.prototype)) return undefined
  let folder = root
  for (const name of folders.slice(0, -1)) folder = await folder.getDirectoryHandle(name, { create: true })
  const name = folders.at(-1)!
  const read = (which: string): Promise<File | undefined> =>
    folder.getFileHandle(which).then(
      (handle) => handle.getFile(),
      () => undefined,
    )
  const forget = (which: string): Promise<void> => folder.removeEntry(which).catch(() => undefined)
  const find = async (): Promise<StoredFile | undefined> => {
    const file = await read(name)
    return file && { size: file.size, source: file }
  }
  return {
    place: `the private file system: ${folders.join('/')}`,
    key: folders.join('/'),
    find,
    partSize: async () => (await read(partName))?.size ?? 0,
    async openPart(append) {
      const handle = await folder.getFileHandle(partName, { create: true })
      const out = await handle.createWritable({ keepExistingData: append })
      if (append) await out.seek((await handle.getFile()).size)
      return { write: (chunk) => out.write(chunk), close: () => out.close() }
    },
    async commit() {
      await moveWithin(folder, partName, name)
      return (await find())!
    },
    discard: () => forget(partName),
    remove: () => forget(name),
    read: async function* (which) {
      const file = await read(which === 'part' ? partName : name)
      if (file) yield* chunksOf(file.stream())
    },
  }
}

async function moveWithin(folder: FileSystemDirectoryHandle, from: string, to: string): Promise<void> {
  const handle: MovableHandle = await folder.getFileHandle(from)
  if (handle.move) return handle.move(to)
  // What is written appears when it is closed, whole.
  const target = await folder.getFileHandle(to, { create: true })
  await (await handle.getFile()).stream().pipeTo(await target.createWritable())
  await folder.removeEntry(from)
}
