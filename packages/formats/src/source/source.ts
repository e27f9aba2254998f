import { FormatError, ValueError } from '@badak/tensor'
import { DownloadError } from '../fetch/errors.ts'
import { findBuiltin, type OpenFile, openForReading, reason } from '../files.node.ts'
import { openRanges } from './ranges.ts'

/**
 * Where a file is: a path or a `file:` URL (Node, Deno, Bun), an address (`https:`, `data:`, `blob:`; in pages also a
 * relative one), a Blob, such as a `File` that somebody chose, or its bytes.
 */
export type FileSource = string | URL | Blob | Uint8Array

/** Whether a source names a file rather than an address to fetch. */
export function isPath(source: string | URL): boolean {
  if (findBuiltin('node:fs') === undefined) return false
  if (source instanceof URL) return source.protocol === 'file:'
  return !/^(https?|data|blob):/i.test(source)
}

/** Bytes of a source, read in pieces where that is possible. */
export async function openSource(source: FileSource, operation: string): Promise<OpenFile> {
  if (source instanceof Uint8Array) return openMemory(source, operation)
  if (source instanceof Blob) return openBlob(source, operation)
  if (isPath(source)) return openForReading(source, operation)
  if (!/^https?:/i.test(absolute(source)))
    return openBlob(await fetchBlob(source, operation), operation, `${source}`)
  return openRanges(absolute(source), operation)
}

/** All bytes of a source, and what errors call it. */
export async function readWhole(
  source: FileSource,
  operation: string,
): Promise<{ readonly bytes: Uint8Array; readonly file: string }> {
  if (source instanceof Uint8Array) return { bytes: source, file: 'bytes' }
  if (!(source instanceof Blob) && !isPath(source))
    return { bytes: await blobBytes(await fetchBlob(source, operation)), file: shown(source) }
  const file = await openSource(source, operation)
  return reading(file, operation, async () => ({ bytes: await file.read(0, file.size), file: file.name }))
}

/** All bytes of a file that is here. */
export async function bytesOf(source: string | Blob, operation: string): Promise<Uint8Array<ArrayBuffer>> {
  const { bytes } = await readWhole(source, operation)
  return bytes as Uint8Array<ArrayBuffer>
}

/** Closes a file after its use; says so where there is no memory for it. */
export async function reading<Result>(
  file: OpenFile,
  operation: string,
  use: () => Promise<Result>,
): Promise<Result> {
  try {
    return await use()
  } catch (error) {
    if (error instanceof RangeError)
      throw new ValueError(`${operation}: ${file.name}: too large for memory`, { cause: error })
    throw error
  } finally {
    await file.close()
  }
}

function openMemory(bytes: Uint8Array, operation: string): OpenFile {
  const check = checkEnd('bytes', bytes.length, operation)
  return {
    name: 'bytes',
    size: bytes.length,
    async read(offset, length) {
      check(offset, length)
      return new Uint8Array(bytes.subarray(offset, offset + length))
    },
    close: async () => undefined,
  }
}

function openBlob(blob: Blob, operation: string, address?: string): OpenFile {
  const name = address === undefined ? nameOfBlob(blob) : shown(address)
  const check = checkEnd(name, blob.size, operation)
  return {
    name,
    size: blob.size,
    async read(offset, length) {
      check(offset, length)
      return blobBytes(blob.slice(offset, offset + length))
    },
    close: async () => undefined,
  }
}

function nameOfBlob(blob: Blob): string {
  return 'name' in blob && typeof blob.name === 'string' ? blob.name : 'blob'
}

function checkEnd(name: string, size: number, operation: string): (offset: number, length: number) => void {
  return (offset, length) => {
    if (offset + length > size)
      throw new FormatError(`${operation}: ${name}: the file ends early (offset ${size})`)
  }
}

async function blobBytes(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await blob.arrayBuffer())
}

async function fetchBlob(address: string | URL, operation: string): Promise<Blob> {
  const failed = (why: string, cause?: unknown): never => {
    throw new DownloadError(`${operation}: ${shown(address)}: ${why}`, { cause })
  }
  const response = await fetch(address).catch((error: unknown) => {
    const cause = (error as { cause?: unknown }).cause ?? error
    return failed(reason(cause), error)
  })
  if (!response.ok) failed(`status ${response.status} ${response.statusText}`.trim())
  return response.blob().catch((error: unknown) => failed(reason(error), error))
}

/** In a page, what is not absolute is seen from it. */
function absolute(address: string | URL): string {
  return new URL(address, globalThis.location?.href).href
}

/** An address for errors; of a `data:` one only the beginning. */
function shown(address: string | URL): string {
  const text = `${address}`
  return text.length > 200 ? `${text.slice(0, 40)}…` : text
}
