import { inflateSync, ZipPassThrough } from 'fflate'
import { type Place, refuse } from '../place.ts'
import { findDirectory, readDirectory, type ZipEntry } from './directory.ts'

/** A zip archive whose directory has been checked. */
export interface Zip {
  readonly entries: ReadonlyMap<string, ZipEntry>
  /** The data of an entry: a view of the archive if it is stored, else inflated. */
  read(entry: ZipEntry): Uint8Array
  /** @throws FormatError when `data` is not what the archive was made of */
  checkSum(entry: ZipEntry, data: Uint8Array): void
}

/** Deflate makes at most this many bytes of one. */
const MAX_RATIO = 1032
const LOCAL = 0x04034b50
const LOCAL_BYTES = 30

/**
 * Reads the directory of an archive. Entries may not overlap, and what is to be inflated may not be more than
 * `maxBytes` in all, nor more than deflate can make of it: a small file cannot ask for much memory.
 */
export function readZip(bytes: Uint8Array, place: Place, maxBytes: number): Zip {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const directory = findDirectory(view, place)
  const entries = readDirectory(view, directory, place)
  const starts = locate(view, [...entries.values()], directory.offset, place)
  checkSizes([...entries.values()], maxBytes, place)
  return {
    entries,
    read(entry) {
      const start = starts.get(entry)!
      const data = bytes.subarray(start, start + entry.compressedSize)
      return entry.deflated ? inflate(data, entry, place) : data
    },
    checkSum(entry, data) {
      const found = crc32(data)
      if (found !== entry.checksum)
        refuse(
          place,
          entry.offset,
          `"${entry.name}": its checksum is ${hex(found)}, not ${hex(entry.checksum)}`,
        )
    },
  }
}

/** Where the data of each entry begins; checks that each lies between its header and the next one. */
function locate(
  view: DataView,
  entries: readonly ZipEntry[],
  limit: number,
  place: Place,
): Map<ZipEntry, number> {
  const starts = new Map<ZipEntry, number>()
  let end = 0
  for (const entry of entries.toSorted((a, b) => a.offset - b.offset)) {
    const { name, offset, compressedSize } = entry
    if (offset + LOCAL_BYTES > limit || view.getUint32(offset, true) !== LOCAL)
      refuse(place, offset, `"${name}" does not begin where the directory says`)
    if (offset < end)
      refuse(place, offset, `"${name}" begins at ${offset}, the entry before it ends at ${end}`)
    const names = view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true)
    const start = offset + LOCAL_BYTES + names
    end = start + compressedSize
    if (end > limit) refuse(place, offset, `"${name}" ends at ${end}, the data at ${limit}`)
    starts.set(entry, start)
  }
  return starts
}

function checkSizes(entries: readonly ZipEntry[], maxBytes: number, place: Place): void {
  let total = 0
  for (const { name, deflated, size, compressedSize, offset } of entries) {
    if (!deflated) continue
    if (size > compressedSize * MAX_RATIO)
      refuse(place, offset, `"${name}" says it has ${size} bytes, more than ${compressedSize} can inflate to`)
    total += size
    if (total > maxBytes)
      refuse(place, offset, `the archive inflates to ${total} bytes and more, maxBytes is ${maxBytes}`)
  }
}

function inflate(data: Uint8Array, { name, size, offset }: ZipEntry, place: Place): Uint8Array {
  // One more than declared: more data than that shows, and no more memory is taken.
  const out = new Uint8Array(size + 1)
  let inflated: Uint8Array
  try {
    inflated = inflateSync(data, { out })
  } catch (cause) {
    return refuse(place, offset, `"${name}" is not what deflate writes, or longer than declared`, cause)
  }
  if (inflated.length !== size)
    refuse(
      place,
      offset,
      `"${name}" says it has ${size} bytes, and inflates to ${inflated.length < size ? inflated.length : 'more'}`,
    )
  return inflated
}

function crc32(data: Uint8Array): number {
  const file = new ZipPassThrough('')
  file.ondata = () => undefined
  file.push(data, true)
  // As the directory has it: without a sign.
  return file.crc >>> 0
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0')
}
