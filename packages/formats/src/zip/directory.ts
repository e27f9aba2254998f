import { type Place, refuse } from '../place.ts'

/** A file in a zip archive, as the central directory describes it. */
export interface ZipEntry {
  readonly name: string
  readonly deflated: boolean
  readonly checksum: number
  /** In the archive. */
  readonly compressedSize: number
  /** As declared. */
  readonly size: number
  /** Of its local header. */
  readonly offset: number
}

const END = 0x06054b50
const END_64 = 0x06064b50
const LOCATOR_64 = 0x07064b50
const ENTRY = 0x02014b50
const END_BYTES = 22
const ENTRY_BYTES = 46
/** In these places the real number stands in the extra field of zip64. */
const ELSEWHERE = 0xffffffff

/** Where the central directory lies. */
export interface DirectoryPlace {
  readonly offset: number
  readonly size: number
  readonly count: number
}

/** @see APPNOTE.TXT 6.3.10, sections 4.3.14 to 4.3.16 */
export function findDirectory(view: DataView, place: Place): DirectoryPlace {
  const end = findEnd(view, place)
  let count = view.getUint16(end + 10, true)
  let size = view.getUint32(end + 12, true)
  let offset = view.getUint32(end + 16, true)
  const locator = end - 20
  if (locator >= 0 && view.getUint32(locator, true) === LOCATOR_64) {
    const end64 = readLong(view, locator + 8)
    if (end64 > locator - 56 || view.getUint32(end64, true) !== END_64)
      refuse(place, locator, 'zip64: no end of the directory where its locator says')
    count = readLong(view, end64 + 32)
    size = readLong(view, end64 + 40)
    offset = readLong(view, end64 + 48)
  }
  if (offset + size > end)
    refuse(place, end, `the directory of the archive ends at ${offset + size}, the file before ${end}`)
  if (count * ENTRY_BYTES > size)
    refuse(place, end, `${count} entries do not fit into a directory of ${size} bytes`)
  return { offset, size, count }
}

/** The last record of an archive, found by its mark and by a comment that ends with the file. */
function findEnd(view: DataView, place: Place): number {
  const last = view.byteLength - END_BYTES
  for (let at = last; at >= Math.max(last - 0xffff, 0); at--) {
    if (view.getUint32(at, true) === END && view.getUint16(at + 20, true) === last - at) return at
  }
  return refuse(place, 0, `not a zip archive, or cut off: no end record in ${view.byteLength} bytes`)
}

/** @throws FormatError when an entry is not described wholly, twice, or by a name that leaves the archive */
export function readDirectory(
  view: DataView,
  directory: DirectoryPlace,
  place: Place,
): Map<string, ZipEntry> {
  const entries = new Map<string, ZipEntry>()
  const limit = directory.offset + directory.size
  let at = directory.offset
  for (let i = 0; i < directory.count; i++) {
    if (at + ENTRY_BYTES > limit || view.getUint32(at, true) !== ENTRY)
      refuse(place, at, `entry ${i} of ${directory.count} of the directory is missing`)
    const nameEnd = at + ENTRY_BYTES + view.getUint16(at + 28, true)
    const extraEnd = nameEnd + view.getUint16(at + 30, true)
    const end = extraEnd + view.getUint16(at + 32, true)
    if (end > limit)
      refuse(place, at, `entry ${i} of the directory ends at ${end}, the directory at ${limit}`)
    const entry = readEntry(view, { at, nameEnd, extraEnd }, place)
    if (entries.has(entry.name)) refuse(place, at, `the archive has "${entry.name}" twice`)
    // Names of folders end so.
    if (!entry.name.endsWith('/')) entries.set(entry.name, entry)
    at = end
  }
  return entries
}

interface EntryPlace {
  readonly at: number
  readonly nameEnd: number
  readonly extraEnd: number
}

function readEntry(view: DataView, { at, nameEnd, extraEnd }: EntryPlace, place: Place): ZipEntry {
  const nameStart = at + ENTRY_BYTES
  const name = new TextDecoder().decode(
    new Uint8Array(view.buffer, view.byteOffset + nameStart, nameEnd - nameStart),
  )
  const shown = JSON.stringify(name)
  if (isUnsafeName(name)) refuse(place, at, `the name ${shown} leaves the archive`)
  const method = view.getUint16(at + 10, true)
  if (view.getUint16(at + 8, true) & 1) refuse(place, at, `${shown} is encrypted`)
  if (method !== 0 && method !== 8)
    refuse(place, at, `${shown} is compressed by method ${method}; 0 (stored) and 8 (deflated) are read`)
  const long = longFields(view, nameEnd, extraEnd)
  const field = (offset: number): number => {
    const value = view.getUint32(at + offset, true)
    if (value !== ELSEWHERE) return value
    return long.shift() ?? refuse(place, at, `${shown}: its sizes in zip64 are missing`)
  }
  // In the order in which zip64 has them.
  const size = field(24)
  const compressedSize = field(20)
  const offset = field(42)
  if (method === 0 && size !== compressedSize)
    refuse(place, at, `${shown} is stored, its sizes differ: ${size} and ${compressedSize}`)
  return {
    name,
    deflated: method === 8,
    checksum: view.getUint32(at + 16, true),
    compressedSize,
    size,
    offset,
  }
}

/** The numbers of the zip64 extra field, in their order. */
function longFields(view: DataView, begin: number, end: number): number[] {
  for (let at = begin; at + 4 <= end;) {
    const length = view.getUint16(at + 2, true)
    if (view.getUint16(at, true) === 1 && at + 4 + length <= end)
      return Array.from({ length: Math.min(Math.floor(length / 8), 3) }, (_, i) =>
        readLong(view, at + 4 + 8 * i),
      )
    at += 4 + length
  }
  return []
}

/** Beyond 2^53 rounded, and still beyond the end of any file. */
function readLong(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true))
}

/**
 * Whether a name in an archive or a list, used as a path, would lead out of the folder it is used in: an absolute one, one
 * with `..`, a backslash or a zero in it, or none.
 *
 * @example
 * ```ts
 * console.log(isUnsafeName('../passwords')) // true
 * ```
 */
export function isUnsafeName(name: string): boolean {
  return name === '' || /^\/|^[a-z]:|[\\\0]|(^|\/)\.\.(\/|$)/i.test(name)
}
