/** A file that is whole. */
export interface StoredFile {
  readonly size: number
  /** A path in Node; elsewhere the file itself, which lies on the disk. */
  readonly source: string | Blob
}

/** Where a download grows, and where it lies once it is whole. */
export interface Store {
  /** For errors. */
  readonly place: string
  /** Of two stores with the same key, one file; undefined when the store is its own. */
  readonly key: string | undefined
  /** The whole file, if it is there. */
  find(): Promise<StoredFile | undefined>
  /** Bytes that have come so far. */
  partSize(): Promise<number>
  /** Goes on after them, or begins anew. */
  openPart(append: boolean): Promise<PartWriter>
  /** Makes the part the whole file, at once. */
  commit(): Promise<StoredFile>
  /** Forgets the part. */
  discard(): Promise<void>
  /** Forgets the whole file. */
  remove(): Promise<void>
  /** The bytes of the part, or of the whole file. */
  read(which: 'part' | 'whole'): AsyncIterable<Uint8Array>
}

/** Where the bytes of a download go. */
interface PartWriter {
  write(chunk: Uint8Array<ArrayBuffer>): Promise<unknown>
  /** What has been written stays when the program ends. */
  close(): Promise<void>
}

/** Keeps a download while the program runs. */
export function memoryStore(): Store {
  let parts: BlobPart[] = []
  let whole: Blob | undefined
  return {
    place: 'memory',
    key: undefined,
    find: async () => whole && { size: whole.size, source: whole },
    partSize: async () => new Blob(parts).size,
    openPart: async (append) => {
      if (!append) parts = []
      return { write: async (chunk) => parts.push(chunk), close: async () => undefined }
    },
    commit: async () => {
      whole = new Blob(parts)
      parts = []
      return { size: whole.size, source: whole }
    },
    discard: async () => void (parts = []),
    remove: async () => void (whole = undefined),
    read: (which) => chunksOf((which === 'part' ? new Blob(parts) : whole!).stream()),
  }
}

/** Not `for await` over the stream itself, which Safari lacks. */
export async function* chunksOf<Chunk extends Uint8Array>(
  stream: ReadableStream<Chunk>,
): AsyncGenerator<Chunk> {
  const reader = stream.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
