import { type FileSource, readWhole } from './source.ts'

/** What errors of `readBytes` say. */
export interface ReadBytesOptions {
  /** The public function that was called; default `'readBytes'`. */
  readonly operation?: string
}

/**
 * All bytes of a file, wherever it is, and the name by which errors call it.
 *
 * @throws ValueError when there is no such file
 * @throws DownloadError when it cannot be fetched
 *
 * @example
 * ```ts
 * const { bytes, name } = await readBytes('cat.jpg')
 * ```
 */
export async function readBytes(
  source: FileSource,
  { operation = 'readBytes' }: ReadBytesOptions = {},
): Promise<{ readonly bytes: Uint8Array; readonly name: string }> {
  const { bytes, file } = await readWhole(source, operation)
  return { bytes, name: file }
}
