import { DataNotFoundError } from './dataset-errors.ts'
import type { ByteSource } from './idx/byte-source.ts'

/**
 * A module of Node's own, had without an import, which a bundle for browsers must not meet; undefined there.
 */
export function builtin<Name extends keyof Builtins>(module: Name): Builtins[Name] | undefined {
  return globalThis.process?.getBuiltinModule?.(module)
}

interface Builtins {
  'node:fs': typeof import('node:fs')
  'node:fs/promises': typeof import('node:fs/promises')
  'node:crypto': typeof import('node:crypto')
  'node:module': typeof import('node:module')
  'node:os': typeof import('node:os')
  'node:path': typeof import('node:path')
  'node:url': typeof import('node:url')
}

/** Whether `source` names a file rather than an address to fetch. */
export function isPath(source: string | URL): boolean {
  if (builtin('node:fs') === undefined) return false
  if (source instanceof URL) return source.protocol === 'file:'
  return !/^(https?|data|blob):/i.test(source)
}

/** The bytes of a file. @throws DataNotFoundError when there is no such file */
export async function openFile(path: string | URL, operation: string): Promise<ByteSource> {
  const { stat } = builtin('node:fs/promises')!
  const place = path instanceof URL ? builtin('node:url')!.fileURLToPath(path) : path
  try {
    const status = await stat(place)
    if (!status.isFile()) throw new Error('not a file')
    return { place, size: status.size, chunks: chunksOf(place) }
  } catch (cause) {
    throw new DataNotFoundError(`${operation}: ${place}: ${reason(cause)}`, { cause })
  }
}

/** Opened when the first piece is asked for, closed with the last. */
async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  yield* builtin('node:fs')!.createReadStream(path, { highWaterMark: 1 << 20 })
}

/** What went wrong, in words: `no such file or directory` rather than `ENOENT: …, open '…'`. */
export function reason(cause: unknown): string {
  const { message, code } = cause as NodeJS.ErrnoException
  return code === undefined ? message : message.replace(/^\w+: /, '').replace(/, \w+( '.*')?$/, '')
}
