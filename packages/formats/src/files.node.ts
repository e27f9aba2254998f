import { BadakError, FormatError, ValueError } from '@badak/tensor'

interface Builtins {
  'node:crypto': typeof import('node:crypto')
  'node:fs': typeof import('node:fs')
  'node:fs/promises': typeof import('node:fs/promises')
  'node:os': typeof import('node:os')
  'node:path': typeof import('node:path')
  'node:url': typeof import('node:url')
}

/** Node's own modules, had without an import so that a bundle for browsers never meets one; undefined there. */
export function findBuiltin<Name extends keyof Builtins>(name: Name): Builtins[Name] | undefined {
  return globalThis.process?.getBuiltinModule?.(name)
}

/** @throws BadakError where there are no files */
export function builtin<Name extends keyof Builtins>(name: Name, operation: string): Builtins[Name] {
  const found = findBuiltin(name)
  if (found === undefined) throw new BadakError(`${operation}: there are no files here: pass bytes`)
  return found
}

/** Bytes that are read piece by piece, in any order. */
export interface OpenFile {
  /** For errors: a path, an address, 'bytes'. */
  readonly name: string
  readonly size: number
  /** @throws FormatError when the file ends before */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>
  close(): Promise<void>
}

/** @throws ValueError when there is no such file, or it may not be read */
export async function openForReading(source: string | URL, operation: string): Promise<OpenFile> {
  const { open } = builtin('node:fs/promises', operation)
  const path = pathOf(source, operation)
  const { size } = await statusOf(path, operation)
  const handle = await open(path).catch((cause: unknown) => {
    throw new ValueError(`${operation}: ${path}: ${reason(cause)}`, { cause })
  })
  return {
    name: path,
    size,
    async read(offset, length) {
      const bytes = new Uint8Array(length)
      for (let done = 0; done < length;) {
        const { bytesRead } = await handle.read(bytes, done, Math.min(length - done, MAX_READ), offset + done)
        if (bytesRead === 0)
          throw new FormatError(`${operation}: ${path}: the file ends early (offset ${offset + done})`)
        done += bytesRead
      }
      return bytes
    },
    close: () => handle.close(),
  }
}

/** Node reads less than 2 GiB at once. */
const MAX_READ = 2 ** 30

/** @throws ValueError when there is no such file */
export async function statusOf(path: string, operation: string): Promise<{ readonly size: number }> {
  const { stat } = builtin('node:fs/promises', operation)
  const status = await stat(path).catch((cause: unknown) => {
    throw new ValueError(`${operation}: ${path}: ${reason(cause)}`, { cause })
  })
  if (!status.isFile()) throw new ValueError(`${operation}: ${path}: not a file`)
  return status
}

/** Writes a file so that a crash leaves the old one or the new one, never a part. */
export async function writeAtomically(
  target: string | URL,
  parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  operation: string,
): Promise<void> {
  const { open, rename, rm } = builtin('node:fs/promises', operation)
  const path = pathOf(target, operation)
  // In the same directory, so that the rename stays within one file system.
  const temporary = `${path}.${globalThis.crypto.randomUUID()}.tmp`
  const failed = (cause: unknown): never => {
    throw new ValueError(`${operation}: ${path}: ${reason(cause)}`, { cause })
  }
  try {
    const handle = await open(temporary, 'wx').catch(failed)
    try {
      for await (const part of parts) await handle.writeFile(part).catch(failed)
      await handle.sync().catch(failed)
    } finally {
      await handle.close()
    }
    await rename(temporary, path).catch(failed)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncDirectory(path, operation)
}

/** Makes the rename itself survive a crash, where the system lets a directory be synced. */
export async function syncDirectory(path: string, operation: string): Promise<void> {
  const { open } = builtin('node:fs/promises', operation)
  const handle = await open(builtin('node:path', operation).dirname(path)).catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

export function pathOf(source: string | URL, operation: string): string {
  const isURL = source instanceof URL || /^file:/i.test(source)
  return isURL ? builtin('node:url', operation).fileURLToPath(source) : source
}

/** `no such file or directory` rather than `ENOENT: …, open '…'`. */
export function reason(cause: unknown): string {
  const { message, code } = cause as { message: string; code?: unknown }
  return typeof code === 'string' ? message.replace(/^\w+: /, '').replace(/, \w+( '.*')?$/, '') : message
}
