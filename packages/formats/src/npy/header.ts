import type { DType } from '@badak/tensor'
import type { StoredType } from '../elements.ts'
import { type Place, refuse } from '../place.ts'
import { parseLiteral } from './literal.ts'

const types = new Map<string, StoredType>([
  ['f8', 'float64'],
  ['f4', 'float32'],
  ['f2', 'float16'],
  ['i8', 'int64'],
  ['i4', 'int32'],
  ['i2', 'int16'],
  ['i1', 'int8'],
  ['u1', 'uint8'],
  ['b1', 'bool'],
])

const descriptions: Readonly<Record<DType, string>> = {
  float64: '<f8',
  float32: '<f4',
  float16: '<f2',
  int32: '<i4',
  uint8: '|u1',
  bool: '|b1',
}

/** Longer ones describe records of many fields, which are not read. */
const MAX_HEADER_BYTES = 65_536

/** An npy file as its header describes it. */
export interface NpyHeader {
  readonly type: StoredType
  readonly littleEndian: boolean
  readonly columnMajor: boolean
  readonly shape: readonly number[]
  /** Offset of the first element. */
  readonly dataStart: number
}

/** Reads and checks the header of an npy file, versions 1 to 3. */
export function parseNpyHeader(bytes: Uint8Array, place: Place): NpyHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 10) refuse(place, 0, `too short for an npy file: ${bytes.length} bytes`)
  if (!magic.every((byte, i) => bytes[i] === byte))
    refuse(place, 0, 'not an npy file: it does not begin with \\x93NUMPY')
  const version = bytes[6]!
  if (version < 1 || version > 3 || bytes[7] !== 0)
    refuse(place, 6, `version ${version}.${bytes[7]} is none of 1.0, 2.0, 3.0`)
  const start = version === 1 ? 10 : 12
  if (bytes.length < start) refuse(place, 8, `too short for an npy file: ${bytes.length} bytes`)
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  if (length > bytes.length - start)
    refuse(
      place,
      8,
      `header says it has ${length} bytes, file holds ${bytes.length - start} after its length`,
    )
  if (length > MAX_HEADER_BYTES)
    refuse(place, 8, `header says it has ${length} bytes; at most ${MAX_HEADER_BYTES} are read`)
  const text = decodeText(bytes.subarray(start, start + length), version, { place, start })
  return { ...checkHeader(text, { place, start }), dataStart: start + length }
}

/** Where the text of a header stands. */
interface TextPlace {
  readonly place: Place
  readonly start: number
}

function decodeText(bytes: Uint8Array, version: number, { place, start }: TextPlace): string {
  if (version < 3) return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    return refuse(place, start, 'the header is not UTF-8', cause)
  }
}

function checkHeader(text: string, { place, start }: TextPlace): Omit<NpyHeader, 'dataStart'> {
  const wrong = (what: string, index = 0): never => refuse(place, start + index, what)
  const value = parseLiteral(text, (what, index) => wrong(`header: ${what}`, index))
  if (!(value instanceof Map)) return wrong('the header is not a dict')
  const keys = [...value.keys()].join(', ')
  if (value.size !== 3 || !['descr', 'fortran_order', 'shape'].every((key) => value.has(key)))
    wrong(`the header has the keys ${keys}; they must be descr, fortran_order, shape`)
  const columnMajor = value.get('fortran_order')
  if (typeof columnMajor !== 'boolean') return wrong('fortran_order is neither True nor False')
  const shape = value.get('shape')
  if (!isShape(shape)) return wrong('shape is not a tuple of counts')
  const description = value.get('descr')
  if (typeof description !== 'string') return wrong('dtype: records are not read')
  const known = /^([<>|=])(\w+)$/.exec(description)
  const type = types.get(known?.[2] ?? '')
  if (known === null || type === undefined || (known[1] === '|' && !description.endsWith('1')))
    return wrong(`dtype ${JSON.stringify(description)} is none of ${[...types.keys()].join(', ')}`)
  return { type, littleEndian: known[1] !== '>', columnMajor, shape }
}

function isShape(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((extent) => Number.isSafeInteger(extent) && extent >= 0)
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]

/** NumPy leaves room for the first extent to grow to this many digits. */
const EXTENT_DIGITS = 21

/** The header that NumPy writes for an array in row-major order. */
export function encodeNpyHeader(dtype: DType, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const room = shape.length === 0 ? 0 : Math.max(EXTENT_DIGITS - String(shape[0]).length, 0)
  const dict = `{'descr': '${descriptions[dtype]}', 'fortran_order': False, 'shape': (${extents}), }`
  const text = dict + ' '.repeat(room)
  const length = text.length + 65 - ((10 + text.length + 1) % 64)
  const header = new Uint8Array(10 + length).fill(0x20)
  header.set(magic)
  header.set([1, 0, length & 0xff, length >>> 8], 6)
  header.set(new TextEncoder().encode(text), 10)
  header[header.length - 1] = 0x0a
  return header
}
