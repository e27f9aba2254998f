import { FormatError } from '@badak/tensor'
import { concatenate } from '../idx/byte-source.ts'

/** An array of a MAT-file, in the order of its file: the first axis is the fastest. */
export interface MatArray {
  readonly shape: readonly number[]
  readonly data:
    | Uint8Array
    | Int8Array
    | Int16Array
    | Uint16Array
    | Int32Array
    | Uint32Array
    | Float32Array
    | Float64Array
}

const MATRIX = 14
const COMPRESSED = 15
const HEADER = 128
const types = {
  1: Int8Array,
  2: Uint8Array,
  3: Int16Array,
  4: Uint16Array,
  5: Int32Array,
  6: Uint32Array,
  7: Float32Array,
  9: Float64Array,
} as const

/** Throws, naming the file and the offset. */
type Refuse = (offset: number, what: string) => never

/**
 * The arrays of numbers in a MAT-file of version 5, compressed or not, little-endian. Structs, cells, texts, sparse and
 * complex arrays are refused.
 *
 * @param bytes
 * @param what names the file in errors
 * @param maxBytes that a compressed array may take
 * @throws FormatError when the file is another, cut off, or says what it does not hold
 * @see MathWorks, "MAT-File Format", level 5
 */
export async function decodeMat(
  bytes: Uint8Array,
  what: string,
  maxBytes: number,
): Promise<Map<string, MatArray>> {
  const refuse: Refuse = (offset, why) => {
    throw new FormatError(`${what}: ${why} (offset ${offset})`)
  }
  if (bytes.length < HEADER) refuse(0, `no MAT-file: ${bytes.length} bytes`)
  const view = viewOf(bytes)
  if (view.getUint16(124, true) !== 0x0100 || bytes[126] !== 0x49 || bytes[127] !== 0x4d)
    refuse(124, 'no MAT-file of version 5, little-endian')
  const arrays = new Map<string, MatArray>()
  for (let at = HEADER; at < bytes.length;) {
    const element = elementAt(bytes, at, refuse)
    const offset = at
    at = element.type === COMPRESSED ? element.end : align(element.end)
    const inner =
      element.type === COMPRESSED
        ? elementAt(await inflate(element.data, maxBytes, offset, refuse), 0, (_, why) => refuse(offset, why))
        : element
    if (inner.type !== MATRIX) refuse(offset, `an element of type ${inner.type}: arrays are read`)
    const { name, array } = matrixOf(inner.data, (why) => refuse(offset, why))
    if (arrays.has(name)) refuse(offset, `${name} is in it twice`)
    arrays.set(name, array)
  }
  return arrays
}

interface Element {
  readonly type: number
  readonly data: Uint8Array
  /** Where the next one begins, before it is aligned. */
  readonly end: number
}

/** Tag and data; up to four bytes of data lie in the tag itself. */
function elementAt(bytes: Uint8Array, at: number, refuse: Refuse): Element {
  if (at + 8 > bytes.length) refuse(at, 'the file ends early')
  const view = viewOf(bytes)
  const [type, size] = [view.getUint32(at, true), view.getUint32(at + 4, true)]
  if (type >>> 16 !== 0) {
    const small = type >>> 16
    if (small > 4) refuse(at, `a small element of ${small} bytes`)
    return { type: type & 0xffff, data: bytes.subarray(at + 4, at + 4 + small), end: at + 8 }
  }
  if (at + 8 + size > bytes.length)
    refuse(at, `an element of ${size} bytes, and ${bytes.length - at - 8} are left`)
  return { type, data: bytes.subarray(at + 8, at + 8 + size), end: at + 8 + size }
}

function matrixOf(
  bytes: Uint8Array,
  fail: (why: string) => never,
): { readonly name: string; readonly array: MatArray } {
  let at = 0
  const next = (): Element => {
    const element = elementAt(bytes, at, (_, why) => fail(`in an array: ${why}`))
    at = align(element.end)
    return element
  }
  const [flags, dimensions, name, values] = [next(), next(), next(), next()]
  const text = new TextDecoder().decode(name.data)
  const [kind = 0, bits = 0] = flags.data
  // Numbers are of classes 6 (double) to 15 (uint64); the others are made of other things.
  if (kind < 6 || kind > 13) fail(`${text} is no array of numbers that is read (class ${kind})`)
  if (bits & 0x08) fail(`${text} is complex`)
  const shape = [...(numbers(dimensions) ?? fail(`${text} has no shape`))]
  const data = numbers(values) ?? fail(`${text} has elements of type ${values.type}`)
  const count = shape.reduce((product, extent) => product * extent, 1)
  if (shape.length < 2 || shape.some((extent) => extent < 0) || count !== data.length)
    fail(`${text} is [${shape}], and has ${data.length} elements`)
  return { name: text, array: { shape, data } }
}

function numbers({ type, data }: Element): MatArray['data'] | undefined {
  const Type = types[type as keyof typeof types]
  if (Type === undefined || data.length % Type.BYTES_PER_ELEMENT !== 0) return undefined
  if (Type === Uint8Array) return data
  return new Type(data.slice().buffer)
}

async function inflate(
  data: Uint8Array,
  maxBytes: number,
  offset: number,
  refuse: Refuse,
): Promise<Uint8Array> {
  const stream = new Blob([data as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream('deflate'))
  const reader = stream.getReader()
  const parts: Uint8Array[] = []
  let size = 0
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      size += next.value.length
      if (size > maxBytes) break
      parts.push(next.value)
    }
  } catch {
    refuse(offset, 'the compressed data are broken, or cut off')
  } finally {
    await reader.cancel().catch(() => undefined)
  }
  if (size > maxBytes) refuse(offset, `an array takes more than ${maxBytes} bytes`)
  return concatenate(parts)
}

const align = (offset: number): number => Math.ceil(offset / 8) * 8

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
