import type { Tensor } from '@badak/tensor'
import { littleEndianBytes, tensorOf } from '../elements.ts'
import type { DecodeOptions, Place } from '../place.ts'
import { encodeHeader, type Entry, headerLength, layOut, parseHeader } from './header.ts'

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
  return {
    tensors: collect(entries, (entry) => new Uint8Array(data.subarray(entry.begin, entry.end))),
    metadata,
  }
}

/** Makes the tensors of a header from the bytes of each. @internal */
export function collect(
  entries: readonly Entry[],
  read: (entry: Entry) => Uint8Array<ArrayBuffer>,
): Record<string, Tensor> {
  const tensors = Object.create(null) as Record<string, Tensor>
  for (const entry of entries) {
    const { name, dtype: type, shape } = entry
    tensors[name] = tensorOf(read(entry), { type, shape })
  }
  return tensors
}
