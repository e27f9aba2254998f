import { FormatError } from '@badak/tensor'
import { type ByteSource, decompress } from '../idx/byte-source.ts'
import { PendingBytes } from '../idx/pending-bytes.ts'

const BLOCK = 512

/** A file in an archive. */
interface TarEntry {
  readonly name: string
  readonly size: number
  /** Of its header, in the unpacked archive. */
  readonly offset: number
}

/**
 * The files of a tar archive, gzipped or not, whose base names are wanted. Nothing is written anywhere; the others are
 * passed over. A file larger than `maxBytes` is refused before memory is taken for it.
 *
 * @see POSIX.1-2017, pax, "ustar Interchange Format"
 */
export async function readTar(
  source: ByteSource,
  wanted: ReadonlySet<string>,
  { operation, maxBytes }: { readonly operation: string; readonly maxBytes: number },
): Promise<Map<string, Uint8Array>> {
  const refuse = (offset: number, what: string): never => {
    throw new FormatError(`${operation}: ${source.place}: ${what} (offset ${offset} of the archive)`)
  }
  const { chunks } = await decompress(source, operation)
  const pending = new PendingBytes(chunks[Symbol.asyncIterator]())
  const found = new Map<string, Uint8Array>()
  try {
    for (let offset = 0; found.size < wanted.size;) {
      if (await pending.ended()) break
      const short = (held: number): never => refuse(offset + held, 'the archive ends early')
      const entry = headerOf(await pending.take(BLOCK, short), offset, refuse)
      // Two blocks of zeros end an archive.
      if (entry === undefined) break
      const { name, size } = entry
      const base = name.split('/').at(-1)!
      const padding = (BLOCK - (size % BLOCK)) % BLOCK
      const cut = (held: number): never => refuse(offset + BLOCK + held, `the archive ends within ${name}`)
      if (wanted.has(base)) {
        if (found.has(base)) refuse(offset, `${base} is in the archive twice`)
        if (size > maxBytes) refuse(offset, `${name} says it has ${size} bytes; at most ${maxBytes} are read`)
        found.set(base, await pending.take(size, cut))
        await pending.skip(padding, cut)
      } else await pending.skip(size + padding, cut)
      offset += BLOCK + size + padding
    }
  } finally {
    await pending.close()
  }
  const missing = [...wanted].filter((name) => !found.has(name))
  if (missing.length > 0)
    throw new FormatError(`${operation}: ${source.place}: the archive has no ${missing.join(', ')}`)
  return found
}

function headerOf(
  header: Uint8Array,
  offset: number,
  refuse: (offset: number, what: string) => never,
): TarEntry | undefined {
  if (header.every((byte) => byte === 0)) return undefined
  // Its checksum is counted as spaces.
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0)
  if (sum !== octal(header, 148, 8)) refuse(offset, 'not a header of a tar archive, or a broken one')
  const size = octal(header, 124, 12)
  if (size === undefined) return refuse(offset, 'a size that is no number')
  return { name: text(header, 0, 100), size, offset }
}

function text(header: Uint8Array, start: number, count: number): string {
  const bytes = header.subarray(start, start + count)
  const end = bytes.indexOf(0)
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end))
}

function octal(header: Uint8Array, start: number, count: number): number | undefined {
  const digits = text(header, start, count).trim()
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined
}
