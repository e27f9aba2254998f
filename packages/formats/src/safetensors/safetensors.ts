import { type DType, type Tensor, tensor, type TypedArray } from '@badak/tensor'
import { encodeHeader, type Entry, headerLength, layOut, parseHeader, type Place } from './header.ts'

/** What a safetensors file holds. */
export interface SafetensorsContents {
  /** By name, in the order of the file; the object has no prototype. */
  readonly tensors: Record<string, Tensor>
  readonly metadata: Readonly<Record<string, string>>
}

/** What errors of `decodeSafetensors` say. */
export interface DecodeOptions {
  /** What errors call the bytes; default `'bytes'`. */
  readonly file?: string
}

/**
 * The bytes of a safetensors file: the values of `tensors`, which are evaluated for it, and a map of strings.
 *
 * @throws DTypeError when a value of `metadata` is not a string
 * @see https://huggingface.co/docs/safetensors
 *
 * @example
 * ```ts
 * const bytes = await encodeSafetensors(model.stateDict(), { epoch: '3' })
 * ```
 */
export async function encodeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const parts = await encodeParts(tensors, metadata, 'encodeSafetensors')
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

/** The header and the data of each tensor. @internal */
export async function encodeParts(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>>,
  operation: string,
): Promise<Uint8Array[]> {
  const entries = layOut(tensors)
  const header = encodeHeader(entries, metadata, operation)
  const data = await Promise.all(entries.map(({ name }) => tensors[name]!.data()))
  return [header, ...data.map(littleEndianBytes)]
}

/**
 * The tensors and the metadata in the bytes of a safetensors file. The bytes are copied.
 *
 * Element types F64, F32, F16, I32, U8 and BOOL. Nothing is allocated on the word of a header.
 *
 * @throws FormatError, with the offset, when the bytes are not what their header says
 *
 * @example
 * ```ts
 * const { tensors, metadata } = decodeSafetensors(bytes)
 * model.loadStateDict(tensors)
 * ```
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  { file = 'bytes' }: DecodeOptions = {},
): SafetensorsContents {
  return decodeAs('decodeSafetensors', bytes, file)
}

/** @internal */
export function decodeAs(operation: string, bytes: Uint8Array, file: string): SafetensorsContents {
  const place: Place = { operation, file }
  const length = headerLength(bytes, bytes.length, place)
  const data = bytes.subarray(8 + length)
  const { entries, metadata } = parseHeader(bytes.subarray(8, 8 + length), data.length, place)
  return { tensors: collect(entries, (entry) => data.slice(entry.begin, entry.end)), metadata }
}

/** Makes the tensors of a header from the bytes of each. @internal */
export function collect(
  entries: readonly Entry[],
  read: (entry: Entry) => Uint8Array<ArrayBuffer>,
): Record<string, Tensor> {
  const tensors = Object.create(null) as Record<string, Tensor>
  for (const entry of entries) {
    const { name, dtype, shape } = entry
    tensors[name] = tensor(elements(read(entry), dtype), { shape, dtype })
  }
  return tensors
}

const arrays = {
  float64: Float64Array,
  float32: Float32Array,
  float16: Uint16Array,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const satisfies Record<DType, unknown>

/** Bytes of a buffer of their own, as elements of this machine's byte order. */
function elements(bytes: Uint8Array<ArrayBuffer>, dtype: DType): TypedArray {
  const type = arrays[dtype]
  swapBytes(bytes, type.BYTES_PER_ELEMENT)
  return new type(bytes.buffer, 0, bytes.length / type.BYTES_PER_ELEMENT)
}

function littleEndianBytes(data: TypedArray): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  swapBytes(bytes, data.BYTES_PER_ELEMENT)
  return bytes
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** The file is little-endian; so is nearly every machine. */
function swapBytes(bytes: Uint8Array, size: number): void {
  if (littleEndian || size === 1) return
  for (let start = 0; start < bytes.length; start += size) bytes.subarray(start, start + size).reverse()
}
