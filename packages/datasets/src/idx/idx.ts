import type { DType, TypedArray } from '@badak/tensor'
import { type ByteSource, concatenate, decompress, openBytes } from './byte-source.ts'
import { PendingBytes } from './pending-bytes.ts'
import {
  headerLength,
  type IdxContext,
  type IdxHeader,
  parseHeader,
  refuse,
  refusePayload,
} from './header.ts'

/** The contents of an IDX file. */
export interface IdxArray {
  readonly data: TypedArray
  readonly shape: readonly number[]
  readonly dtype: DType
}

/** What errors of `readIdx` call things, and how much it may read. */
export interface ReadIdxOptions {
  /** Name of the file in errors; default: the last part of its path. */
  readonly file?: string
  /** What the first axis counts, in errors; default `'items'`. */
  readonly items?: string
  /** Refuses more bytes than this; default 2 GiB. */
  readonly maxBytes?: number
  /** The public function that was called, in errors; default `'readIdx'`. */
  readonly operation?: string
}

/**
 * Reads an IDX file, the format of MNIST, gzipped or not.
 *
 * Unsigned bytes, ints, floats and doubles keep their type; signed bytes and shorts become `int32`. The size
 * is compared with the header before memory is taken for it; of a gzip stream, no more is unpacked than the
 * header announces.
 *
 * @param source a path (Node), an address, a Blob, a stream or the bytes
 * @throws FormatError when the file is not what its header says
 * @see http://yann.lecun.com/exdb/mnist, "The IDX file format"
 *
 * @example
 * ```ts
 * const { data, shape } = await readIdx('train-images-idx3-ubyte.gz')
 * ```
 */
export async function readIdx(
  source: string | URL | Blob | ReadableStream<Uint8Array> | Uint8Array,
  options: ReadIdxOptions = {},
): Promise<IdxArray> {
  return readIdxFrom(await openBytes(source, options.operation ?? 'readIdx'), options)
}

/** `readIdx` of bytes in memory, at once; not gzipped. */
export function decodeIdx(bytes: Uint8Array, options: ReadIdxOptions = {}): IdxArray {
  const context = contextOf('bytes', { operation: 'decodeIdx', ...options })
  if (bytes.length < 4) refuse(context, bytes.length, 'the file ends within its header')
  const end = headerLength(bytes, context)
  if (bytes.length < end) refuse(context, bytes.length, 'the file ends within its header')
  const header = parseHeader(bytes.subarray(0, end), context)
  if (bytes.length - end !== header.payloadBytes) refusePayload(header, bytes.length - end, context)
  return decode(header, bytes.slice(end))
}

/** @internal */
export async function readIdxFrom(source: ByteSource, options: ReadIdxOptions): Promise<IdxArray> {
  const context = contextOf(source.place, options)
  const { size, chunks } = await decompress(source, context.operation)
  const pending = new PendingBytes(chunks[Symbol.asyncIterator]())
  try {
    const short = (offset: number): never => refuse(context, offset, 'the file ends within its header')
    const start = await pending.take(4, short)
    const end = headerLength(start, context)
    const extents = await pending.take(end - 4, (held) => short(4 + held))
    const header = parseHeader(concatenate([start, extents]), context)
    if (size !== undefined && size - end !== header.payloadBytes) refusePayload(header, size - end, context)
    const payload = await pending.take(header.payloadBytes, (held) => refusePayload(header, held, context))
    if (!(await pending.ended()))
      refuse(context, 4, `header says ${header.shape[0] ?? 1} ${context.items}, file holds more`)
    return decode(header, payload)
  } finally {
    await pending.close()
  }
}

function contextOf(
  place: string,
  { file, items = 'items', maxBytes = 2 ** 31, operation = 'readIdx' }: ReadIdxOptions,
): IdxContext {
  return { operation, file: file ?? place.split(/[\\/]/).at(-1)!, place, items, maxBytes }
}

function decode({ type, shape }: IdxHeader, payload: Uint8Array<ArrayBuffer>): IdxArray {
  const { dtype, bytes, read } = type
  if (dtype === 'uint8') return { data: payload, shape, dtype }
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  const arrays = { int32: Int32Array, float32: Float32Array, float64: Float64Array }
  const data = new arrays[dtype as keyof typeof arrays](payload.length / bytes)
  for (let i = 0; i < data.length; i++) data[i] = read(view, i * bytes)
  return { data, shape, dtype }
}
