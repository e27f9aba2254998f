import { BadakError, FormatError, ValueError } from '@badak/tensor'

interface Builtins {
  'node:fs/promises': typeof import('node:fs/promises')
  'node:path': typeof import('node:path')
  'node:url': typeof import('node:url')
}

/** Node's own modules, had without an import so that a bundle for browsers never meets one. */
function builtin<Name extends keyof Builtins>(name: Name, operation: string): Builtins[Name] {
  const found = globalThis.process?.getBuiltinModule?.(name)
  if (found === undefined) throw new BadakError(`${operation}: there are no files here: pass bytes`)
  return found
}

/** An open file. */
export interface OpenFile {
  readonly path: string
  readonly size: number
  /** @throws FormatError when the file ends before */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>
  close(): Promise<void>
}

/** @throws ValueError when there is no such file, or it may not be read */
export async function openForReading(source: string | URL, operation: string): Promise<OpenFile> {
  const { open } = builtin('node:fs/promises', operation)
  const path = pathOf(source, operation)
  const handle = await open(path).catch((cause: unknown) => {
    throw new ValueError(`${operation}: ${path}: ${reason(cause)}`, { cause })
  })
  const status = await handle.stat()
  if (!status.isFile()) {
    await handle.close()
    throw new ValueError(`${operation}: ${path}: not a file`)
  }
  return {
    path,
    size: status.size,
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

/** The bytes of a file, or those given, and what errors call them. */
export async function readWhole(
  source: string | URL | Uint8Array,
  operation: string,
): Promise<{ readonly bytes: Uint8Array; readonly file: string }> {
  if (source instanceof Uint8Array) return { bytes: source, file: 'bytes' }
  const file = await openForReading(source, operation)
  try {
    return { bytes: await file.read(0, file.size), file: file.path }
  } catch (error) {
    if (error instanceof RangeError)
      throw new ValueError(`${operation}: ${file.path}: too large for memory`, { cause: error })
    throw error
  } finally {
    await file.close()
  }
}

/** Writes a file so that a crash leaves the old one or the new one, never a part. */
export async function writeAtomically(
  target: string | URL,
  parts: readonly Uint8Array[],
  operation: string,
): Promise<void> {
  const { open, rename, rm } = builtin('node:fs/promises', operation)
  const path = pathOf(target, operation)
  // In the same directory, so that the rename stays within one file system.
  const temporary = `${path}.${globalThis.crypto.randomUUID()}.tmp`
  try {
    const handle = await open(temporary, 'wx')
    try {
      for (const part of parts) await handle.writeFile(part)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw new ValueError(`${operation}: ${path}: ${reason(cause)}`, { cause })
  }
  await syncDirectory(path, operation)
}

/** Makes the rename itself survive a crash, where the system lets a directory be synced. */
async function syncDirectory(path: string, operation: string): Promise<void> {
  const { open } = builtin('node:fs/promises', operation)
  const handle = await open(builtin('node:path', operation).dirname(path)).catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

function pathOf(source: string | URL, operation: string): string {
  return source instanceof URL ? builtin('node:url', operation).fileURLToPath(source) : source
}

/** `no such file or directory` rather than `ENOENT: …, open '…'`. */
function reason(cause: unknown): string {
  const { message, code } = cause as { message: string; code?: string }
  return code === undefined ? message : message.replace(/^\w+: /, '').replace(/, \w+( '.*')?$/, '')
}
