import { type DType, FormatError } from '@badak/tensor'

/** How an IDX element type is stored (big-endian) and what it becomes. */
interface IdxType {
  readonly bytes: number
  readonly dtype: DType
  readonly read: (view: DataView, offset: number) => number
}

/** By the third byte of the file. Signed bytes and shorts, which are no element types here, widen. */
const types: Readonly<Record<number, IdxType>> = {
  0x08: { bytes: 1, dtype: 'uint8', read: (view, offset) => view.getUint8(offset) },
  0x09: { bytes: 1, dtype: 'int32', read: (view, offset) => view.getInt8(offset) },
  0x0b: { bytes: 2, dtype: 'int32', read: (view, offset) => view.getInt16(offset) },
  0x0c: { bytes: 4, dtype: 'int32', read: (view, offset) => view.getInt32(offset) },
  0x0d: { bytes: 4, dtype: 'float32', read: (view, offset) => view.getFloat32(offset) },
  0x0e: { bytes: 8, dtype: 'float64', read: (view, offset) => view.getFloat64(offset) },
}

export interface IdxHeader {
  readonly type: IdxType
  readonly shape: readonly number[]
  /** Bytes before the first element. */
  readonly headerBytes: number
  /** Bytes of one index along the first axis. */
  readonly itemBytes: number
  /** Bytes of all elements. */
  readonly payloadBytes: number
}

/** How to speak of a file in an error. */
export interface IdxContext {
  /** The public function that was called. */
  readonly operation: string
  /** Name of the file. */
  readonly file: string
  /** Where it lies. */
  readonly place: string
  /** What its first axis counts: 'images'. */
  readonly items: string
  /** No file of more bytes is read. */
  readonly maxBytes: number
}

/** @throws FormatError `operation: file: what (offset n of place)` */
export function refuse({ operation, file, place }: IdxContext, offset: number, what: string): never {
  throw new FormatError(`${operation}: ${file}: ${what} (offset ${offset} of ${place})`)
}

/** The length of the header, as its first four bytes tell it. */
export function headerLength(start: Uint8Array, context: IdxContext): number {
  if (start[0] !== 0 || start[1] !== 0)
    refuse(context, 0, `not an IDX file: it starts with ${hex(start.subarray(0, 2))}`)
  if (types[start[2]!] === undefined)
    refuse(context, 2, `unknown IDX element type ${hex(start.subarray(2, 3))}`)
  return 4 + 4 * start[3]!
}

/** A whole header. Nothing is allocated on its word. */
export function parseHeader(bytes: Uint8Array, context: IdxContext): IdxHeader {
  const type = types[bytes[2]!]!
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const shape = Array.from({ length: bytes[3]! }, (_, axis) => view.getUint32(4 + 4 * axis))
  const itemBytes = shape.slice(1).reduce((product, extent) => product * extent, type.bytes)
  const payloadBytes = itemBytes * (shape[0] ?? 1)
  if (bytes.length + payloadBytes > context.maxBytes) {
    refuse(context, 4, `header says [${shape}], ${payloadBytes} bytes; at most ${context.maxBytes} are read`)
  }
  return { type, shape, headerBytes: bytes.length, itemBytes, payloadBytes }
}

/** Refuses a file that holds `heldBytes` of elements where the header announced another number. */
export function refusePayload(header: IdxHeader, heldBytes: number, context: IdxContext): never {
  const { shape, itemBytes } = header
  const whole = itemBytes > 0 ? Math.floor(heldBytes / itemBytes) : 0
  const rest = heldBytes - whole * itemBytes
  const held = rest > 0 ? `${whole} and ${rest} bytes` : `${whole}`
  refuse(context, 4, `header says ${shape[0] ?? 1} ${context.items}, file holds ${held}`)
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ')
}
