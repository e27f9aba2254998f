import type { Tensor } from '@badak/tensor'
import { tensorOf } from '../elements.ts'
import { type DecodeOptions, type Place, refuse } from '../place.ts'
import { type Entry, headerLength, parseHeader } from './header.ts'
import { encodeParts } from './stream.ts'

/** What a safetensors file holds. */
export interface SafetensorsContents {
  /** By name, in the order of the file; the object has no prototype. */
  readonly tensors: Record<string, Tensor>
  readonly metadata: Readonly<Record<string, string>>
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
  const { size, parts } = encodeParts(tensors, metadata, 'encodeSafetensors')
  const whole = new Uint8Array(size)
  let offset = 0
  for await (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

/**
 * The tensors and the metadata in the bytes of a safetensors file. The bytes are copied.
 *
 * Element types F64, F32, F16, I32, U8 and BOOL keep their type; BF16 becomes float32, exactly; I8, I16 and I64 become
 * int32, and an I64 that does not fit is an error. Nothing is allocated on the word of a header.
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
  const tensors = Object.create(null) as Record<string, Tensor>
  for (const entry of entries) {
    const own = new Uint8Array(data.subarray(entry.begin, entry.end))
    tensors[entry.name] = tensorAt(entry, own, 8 + length, place)
  }
  return { tensors, metadata }
}

/** The tensor of an entry, or of some of its rows. @internal */
export function tensorAt(
  { name, type, shape, begin }: Omit<Entry, 'end'>,
  bytes: Uint8Array<ArrayBuffer>,
  dataStart: number,
  place: Place,
): Tensor {
  const wrong = (what: string): never => refuse(place, dataStart + begin, `"${name}": ${what}`)
  return tensorOf(bytes, { type, shape, refuse: wrong })
}
