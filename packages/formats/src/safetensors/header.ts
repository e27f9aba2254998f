import { type DType, DTypeError, FormatError } from '@badak/tensor'
import { countOf, type StoredType, storedBytes } from '../elements.ts'
import { type Place, refuse } from '../place.ts'
import { findDuplicateKey } from './duplicate-key.ts'

/** Names of element types in the file, the widest first: the order in which tensors are laid out. */
const names = {
  float64: 'F64',
  int64: 'I64',
  float32: 'F32',
  int32: 'I32',
  float16: 'F16',
  bfloat16: 'BF16',
  int16: 'I16',
  uint8: 'U8',
  int8: 'I8',
  bool: 'BOOL',
} as const satisfies Record<StoredType, string>
const layoutOrder = Object.keys(names) as StoredType[]
const types = new Map<string, StoredType>(layoutOrder.map((type) => [names[type], type]))

/** The limit of the reference implementation. */
const MAX_HEADER_BYTES = 100_000_000

/** A tensor as the header describes it. */
export interface Entry {
  readonly name: string
  readonly type: StoredType
  readonly shape: readonly number[]
  /** From the first byte after the header. */
  readonly begin: number
  readonly end: number
}

export interface Header {
  readonly entries: readonly Entry[]
  readonly metadata: Readonly<Record<string, string>>
}

/** The length of the header from the eight bytes before it, checked against the size of the file. */
export function headerLength(start: Uint8Array, fileBytes: number, place: Place): number {
  if (fileBytes < 8 || start.length < 8)
    refuse(place, 0, `too short for a safetensors file: ${fileBytes} bytes`)
  const length = new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true)
  if (length > MAX_HEADER_BYTES)
    refuse(place, 0, `header says it has ${length} bytes; at most ${MAX_HEADER_BYTES} are read`)
  if (Number(length) > fileBytes - 8)
    refuse(place, 0, `header says it has ${length} bytes, file holds ${fileBytes - 8} after its length`)
  return Number(length)
}

/**
 * Reads and checks a header: every tensor lies within the `dataBytes` that follow, as long as its shape says,
 * and together they cover them without gap or overlap.
 */
export function parseHeader(text: Uint8Array, dataBytes: number, place: Place): Header {
  const json = parseJson(text, place)
  const entries: Entry[] = []
  let metadata: Readonly<Record<string, string>> = {}
  for (const [name, value] of Object.entries(json)) {
    if (name === '__metadata__') metadata = checkMetadata(value, place)
    else entries.push(checkEntry(name, value, place))
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end)
  const dataStart = 8 + text.length
  let end = 0
  for (const entry of entries) {
    if (entry.end > dataBytes) {
      refuse(place, dataStart + entry.begin, `"${entry.name}" ends at ${entry.end}, the data at ${dataBytes}`)
    }
    if (entry.begin !== end) {
      refuse(
        place,
        dataStart + entry.begin,
        `"${entry.name}" begins at ${entry.begin}, the tensor before it ends at ${end}`,
      )
    }
    end = entry.end
  }
  if (end !== dataBytes)
    refuse(place, dataStart + end, `the last tensor ends at ${end}, the data at ${dataBytes}`)
  return { entries, metadata }
}

function parseJson(text: Uint8Array, place: Place): object {
  let json: string
  let value: unknown
  try {
    json = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text)
    value = JSON.parse(json)
  } catch (cause) {
    throw new FormatError(`${place.operation}: ${place.file}: the header is not JSON in UTF-8 (offset 8)`, {
      cause,
    })
  }
  if (!isObject(value)) refuse(place, 8, 'the header is not a JSON object')
  const twice = findDuplicateKey(json)
  if (twice) {
    const offset = 8 + new TextEncoder().encode(json.slice(0, twice.index)).length
    refuse(place, offset, `the header has the key "${twice.key}" twice`)
  }
  return value
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function checkMetadata(value: unknown, place: Place): Readonly<Record<string, string>> {
  if (!isObject(value)) return refuse(place, 8, '__metadata__ is not an object')
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') refuse(place, 8, `__metadata__: "${key}" is not a string`)
  }
  return value as Record<string, string>
}

function checkEntry(name: string, value: unknown, place: Place): Entry {
  const wrong = (what: string): never => refuse(place, 8, `"${name}": ${what}`)
  if (!isObject(value)) return wrong('not an object')
  const { dtype: type, shape, data_offsets: offsets, ...others } = value
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) wrong(`unknown key "${unknown}"`)
  if (typeof type !== 'string') return wrong('dtype is not a string')
  const stored = types.get(type)
  if (stored === undefined) return wrong(`dtype ${type} is none of ${[...types.keys()].join(', ')}`)
  if (!isCounts(shape)) return wrong('shape is not a list of counts')
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!)
    return wrong('data_offsets is not [begin, end]')
  const [begin, end] = offsets as [number, number]
  const expected = countOf(shape) * storedBytes[stored]
  if (end - begin !== expected)
    wrong(`${type} [${shape}] takes ${expected} bytes, its offsets hold ${end - begin}`)
  return { name, type: stored, shape, begin, end }
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0)
}

/** What `layOut` needs to know of a tensor. */
export interface Described {
  readonly dtype: DType
  readonly shape: readonly number[]
}

/** Places tensors one after another, those with the widest elements first, so that each is aligned. */
export function layOut(tensors: Readonly<Record<string, Described>>): Entry[] {
  const order = Object.entries(tensors).toSorted(
    ([a, { dtype: x }], [b, { dtype: y }]) =>
      layoutOrder.indexOf(x) - layoutOrder.indexOf(y) || (a < b ? -1 : 1),
  )
  let begin = 0
  return order.map(([name, { dtype: type, shape }]) => {
    const end = begin + countOf(shape) * storedBytes[type]
    const entry = { name, type, shape, begin, end }
    begin = end
    return entry
  })
}

/** The length of the header and the header, padded so that the data begins at a multiple of eight. */
export function encodeHeader(
  entries: readonly Entry[],
  metadata: Readonly<Record<string, string>>,
  operation: string,
): Uint8Array<ArrayBuffer> {
  for (const [key, text] of Object.entries(metadata)) {
    if (typeof text !== 'string')
      throw new DTypeError(`${operation}: metadata: "${key}" is not a string: ${typeof text}`)
  }
  const described = entries.map(({ name, type, shape, begin, end }) => {
    if (name === '__metadata__') throw new FormatError(`${operation}: a tensor cannot be called __metadata__`)
    return [name, { dtype: names[type], shape, data_offsets: [begin, end] }] as const
  })
  const before = Object.keys(metadata).length > 0 ? [['__metadata__', metadata] as const] : []
  const text = new TextEncoder().encode(jsonObject([...before, ...described]))
  const length = Math.ceil(text.length / 8) * 8
  const header = new Uint8Array(8 + length).fill(0x20, 8)
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true)
  header.set(text, 8)
  return header
}

/** Not an object: it would put keys such as "0" first, and lose "__proto__". */
function jsonObject(members: readonly (readonly [string, unknown])[]): string {
  return `{${members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`
}
