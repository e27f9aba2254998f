import { FormatError } from '@badak/tensor'
import { type ByteSource, decompress } from '../idx/byte-source.ts'
import { PendingBytes } from '../idx/pending-bytes.ts'

const BLOCK = 512
/** Of a name that does not fit into a header. */
const MAX_NAME = 4096

/** A file or a folder in an archive. */
export interface TarEntry {
  readonly name: string
  readonly kind: 'file' | 'folder' | 'other'
  readonly size: number
  /** Of its header, in the unpacked archive. */
  readonly offset: number
  /** The next `count` bytes of it. */
  take(count: number): Promise<Uint8Array<ArrayBuffer>>
}

/** Throws, naming the archive and the offset. */
export type Refuse = (offset: number, what: string) => never

/**
 * The entries of a tar archive, gzipped or not, one after another: what is not taken of one is passed over. Names are
 * those of ustar, of GNU and of pax.
 *
 * @see POSIX.1-2017, pax, "ustar Interchange Format"
 */
export async function* tarEntries(
  source: ByteSource,
  operation: string,
): AsyncGenerator<TarEntry & { readonly refuse: Refuse }> {
  const refuse: Refuse = (offset, what) => {
    throw new FormatError(`${operation}: ${source.place}: ${what} (offset ${offset} of the archive)`)
  }
  const { chunks } = await decompress(source, operation)
  const pending = new PendingBytes(chunks[Symbol.asyncIterator]())
  let longName: string | undefined
  try {
    for (let offset = 0; !(await pending.ended());) {
      const start = offset
      const short = (held: number): never => refuse(start + held, 'the archive ends early')
      const header = headerOf(await pending.take(BLOCK, short), start, refuse)
      // Two blocks of zeros end an archive.
      if (header === undefined) return
      const { type, size } = header
      const name = longName ?? header.name
      const padding = (BLOCK - (size % BLOCK)) % BLOCK
      let left = size
      const cut = (held: number): never =>
        refuse(start + BLOCK + size - left + held, `the archive ends within ${name}`)
      const take = async (count: number): Promise<Uint8Array<ArrayBuffer>> => {
        const bytes = await pending.take(Math.min(count, left), cut)
        left -= bytes.length
        return bytes
      }
      if (type === 'L' || type === 'x') {
        if (size > MAX_NAME * 4) refuse(start, `a name of ${size} bytes`)
        longName = (type === 'L' ? text(await take(size)) : paxPath(await take(size))) ?? longName
      } else {
        longName = undefined
        // Attributes of all that follows say nothing of names.
        if (type !== 'g') yield { name, kind: kindOf(type, name), size, offset: start, take, refuse }
      }
      await pending.skip(left + padding, cut)
      offset += BLOCK + size + padding
    }
  } finally {
    await pending.close()
  }
}

/**
 * The files of a tar archive whose base names are wanted. Nothing is written anywhere; the others are passed over. A file
 * larger than `maxBytes` is refused before memory is taken for it.
 */
export async function readTar(
  source: ByteSource,
  wanted: ReadonlySet<string>,
  { operation, maxBytes }: { readonly operation: string; readonly maxBytes: number },
): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>()
  for await (const { name, size, offset, take, refuse } of tarEntries(source, operation)) {
    const base = name.split('/').at(-1)!
    if (!wanted.has(base)) continue
    if (found.has(base)) refuse(offset, `${base} is in the archive twice`)
    if (size > maxBytes) refuse(offset, `${name} says it has ${size} bytes; at most ${maxBytes} are read`)
    found.set(base, await take(size))
    if (found.size === wanted.size) return found
  }
  const missing = [...wanted].filter((name) => !found.has(name))
  throw new FormatError(`${operation}: ${source.place}: the archive has no ${missing.join(', ')}`)
}

function headerOf(
  header: Uint8Array,
  offset: number,
  refuse: Refuse,
): { readonly name: string; readonly size: number; readonly type: string } | undefined {
  if (header.every((byte) => byte === 0)) return undefined
  // Its checksum is counted as spaces.
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0)
  if (sum !== octal(header, 148, 8)) refuse(offset, 'not a header of a tar archive, or a broken one')
  const size = octal(header, 124, 12)
  if (size === undefined) return refuse(offset, 'a size that is no number')
  const prefix = text(header.subarray(257, 263)) === 'ustar' ? text(header.subarray(345, 500)) : ''
  const name = text(header.subarray(0, 100))
  return { name: prefix === '' ? name : `${prefix}/${name}`, size, type: String.fromCharCode(header[156]!) }
}

function kindOf(type: string, name: string): TarEntry['kind'] {
  if (type === '5' || ((type === '0' || type === '\0') && name.endsWith('/'))) return 'folder'
  return type === '0' || type === '\0' || type === '7' ? 'file' : 'other'
}

/** Records such as `27 path=VOCdevkit/VOC2012\n`. */
function paxPath(records: Uint8Array): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(new TextDecoder().decode(records))?.[1]
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end))
}

function octal(header: Uint8Array, start: number, count: number): number | undefined {
  const digits = text(header.subarray(start, start + count)).trim()
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined
}
