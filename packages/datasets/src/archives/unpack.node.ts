import { isUnsafeName, openZip } from '@badak/formats'
import { FormatError } from '@badak/tensor'
import { builtin, openFile, reason } from '../files.node.ts'
import { tarEntries } from './tar.ts'

/** What an archive may come to, when it is unpacked. */
export interface UnpackLimits {
  /** In all its files. */
  readonly maxBytes: number
  readonly maxFiles: number
}

/** Written at once. */
const PIECE = 1 << 20

/**
 * Unpacks an archive (tar, gzipped or not; zip) into a folder. What is at its top appears there when the whole archive has
 * been read: a crash or a broken archive leaves nothing that looks whole.
 *
 * Only files and folders are unpacked. Links, names that would leave the folder, names that come twice, and more than the
 * limits allow are refused.
 *
 * @throws FormatError naming the archive
 */
export async function unpack(
  archive: string,
  folder: string,
  operation: string,
  limits: UnpackLimits,
): Promise<void> {
  const { mkdir, readdir, rename, rm } = builtin('node:fs/promises')!
  const { join } = builtin('node:path')!
  const temporary = join(folder, `.unpacking-${globalThis.crypto.randomUUID()}`)
  await mkdir(temporary, { recursive: true })
  try {
    const files = archive.endsWith('.zip')
      ? zipFiles(archive, operation, limits)
      : tarFiles(archive, operation)
    await writeAll(files, temporary, `${operation}: ${archive}: `, limits)
    for (const name of await readdir(temporary)) {
      await rm(join(folder, name), { recursive: true, force: true })
      await rename(join(temporary, name), join(folder, name))
    }
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

interface PackedFile {
  readonly name: string
  readonly size: number
  readonly pieces: AsyncIterable<Uint8Array>
}

async function writeAll(
  files: AsyncIterable<PackedFile>,
  folder: string,
  start: string,
  { maxBytes, maxFiles }: UnpackLimits,
): Promise<void> {
  const { mkdir, open } = builtin('node:fs/promises')!
  const { dirname, join } = builtin('node:path')!
  let [bytes, count] = [0, 0]
  for await (const { name, size, pieces } of files) {
    if (isUnsafeName(name))
      throw new FormatError(`${start}the name ${JSON.stringify(name)} leaves the archive`)
    if ((bytes += size) > maxBytes)
      throw new FormatError(`${start}it unpacks to ${bytes} bytes and more; at most ${maxBytes} are written`)
    if (++count > maxFiles) throw new FormatError(`${start}it has more than ${maxFiles} files`)
    const path = join(folder, name)
    await mkdir(dirname(path), { recursive: true })
    // Fails where a file is there already: what came first is not written over.
    const handle = await open(path, 'wx').catch((cause: unknown) => {
      throw new FormatError(`${start}${JSON.stringify(name)} cannot be written: ${reason(cause)}`, { cause })
    })
    try {
      for await (const piece of pieces) await handle.writeFile(piece)
    } finally {
      await handle.close()
    }
  }
  if (count === 0) throw new FormatError(`${start}the archive has no files`)
}

async function* tarFiles(archive: string, operation: string): AsyncGenerator<PackedFile> {
  for await (const entry of tarEntries(await openFile(archive, operation), operation)) {
    const { name, kind, size, offset, refuse } = entry
    if (kind === 'folder') continue
    if (kind === 'other')
      refuse(offset, `${JSON.stringify(name)} is a link or a device; only files and folders are unpacked`)
    yield { name, size, pieces: piecesOf(entry) }
  }
}

async function* piecesOf({
  size,
  take,
}: {
  readonly size: number
  take(count: number): Promise<Uint8Array>
}): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < size; done += PIECE) yield await take(PIECE)
}

async function* zipFiles(
  archive: string,
  operation: string,
  { maxBytes }: UnpackLimits,
): AsyncGenerator<PackedFile> {
  const { readFile } = builtin('node:fs/promises')!
  for (const [name, read] of openZip(await readFile(archive), { file: archive, operation, maxBytes })) {
    const data = read()
    yield { name, size: data.length, pieces: once(data) }
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
