import { type DType, type Tensor, tensor, type TypedArray } from '@badak/tensor'

const arrays = {
  float64: Float64Array,
  float32: Float32Array,
  float16: Uint16Array,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const satisfies Record<DType, unknown>

/** Element types of files: those of tensors, and those that become one of them exactly. */
export type StoredType = DType | 'int64' | 'int16' | 'int8' | 'bfloat16'

/** Bytes per element. */
export const storedBytes: Readonly<Record<StoredType, number>> = {
  float64: 8,
  int64: 8,
  float32: 4,
  int32: 4,
  float16: 2,
  bfloat16: 2,
  int16: 2,
  uint8: 1,
  int8: 1,
  bool: 1,
}

/** How many elements a shape has; beyond 2^53 rounded, and still more than any file holds. */
export function countOf(shape: readonly number[]): number {
  // Infinity times 0 would be NaN, which every comparison lets pass.
  return shape.includes(0) ? 0 : shape.reduce((product, extent) => product * extent, 1)
}

/** Strides in elements of an array without gaps, in row-major order. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  let stride = 1
  return shape
    .toReversed()
    .map((extent) => {
      const own = stride
      stride *= extent
      return own
    })
    .toReversed()
}

/** Where the elements of an array lie in bytes. The caller has checked that all of them lie inside. */
export interface Layout {
  readonly type: StoredType
  readonly shape: readonly number[]
  /** In elements, one per axis. */
  readonly strides: readonly number[]
  /** Of the first element, in elements. */
  readonly offset: number
}

/** How elements without gaps become a tensor. */
export interface Elements {
  readonly type: StoredType
  readonly shape: readonly number[]
  readonly littleEndian?: boolean
  /** Called when an int64 does not fit into int32. */
  readonly refuse?: (what: string) => never
}

/**
 * The tensor of elements in row-major order: int64, int16 and int8 become int32, bfloat16 becomes float32.
 * The bytes, a buffer of their own, are used up.
 */
export function tensorOf(bytes: Uint8Array<ArrayBuffer>, elements: Elements): Tensor {
  const { type, shape, littleEndian = true, refuse } = elements
  if (littleEndian !== machineIsLittleEndian) reverseEach(bytes, storedBytes[type])
  switch (type) {
    case 'int64':
      return tensor(narrow(new BigInt64Array(bytes.buffer), refuse), { shape, dtype: 'int32' })
    case 'int16':
      return tensor(new Int16Array(bytes.buffer), { shape, dtype: 'int32' })
    case 'int8':
      return tensor(new Int8Array(bytes.buffer), { shape, dtype: 'int32' })
    case 'bfloat16': {
      // The upper half of a float32.
      const patterns = Uint32Array.from(new Uint16Array(bytes.buffer), (pattern) => pattern << 16)
      return tensor(new Float32Array(patterns.buffer), { shape, dtype: 'float32' })
    }
    default:
      return tensor(new arrays[type](bytes.buffer), { shape, dtype: type })
  }
}

/** Copies elements into row-major order without gaps. */
export function pack(bytes: Uint8Array, { type, shape, strides, offset }: Layout): Uint8Array<ArrayBuffer> {
  const size = storedBytes[type]
  const count = countOf(shape)
  const begin = offset * size
  const packed = rowMajorStrides(shape)
  if (count === 0 || shape.every((extent, axis) => extent === 1 || strides[axis] === packed[axis]))
    // Not slice: that of a Buffer is a view.
    return new Uint8Array(bytes.subarray(begin, begin + count * size))
  const result = new Uint8Array(count * size)
  const position = shape.map(() => 0)
  let from = begin
  for (let to = 0; to < result.length; to += size) {
    for (let byte = 0; byte < size; byte++) result[to + byte] = bytes[from + byte]!
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const step = strides[axis]! * size
      from += step
      if (++position[axis]! < shape[axis]!) break
      from -= step * shape[axis]!
      position[axis] = 0
    }
  }
  return result
}

function narrow(values: BigInt64Array, refuse?: (what: string) => never): Int32Array {
  const result = new Int32Array(values.length)
  values.forEach((value, i) => {
    const number = Number(value)
    result[i] = number
    if (result[i] !== number) refuse?.(`int64 becomes int32, which cannot hold ${value}`)
  })
  return result
}

/** The bytes of elements as files have them. Swapped in place where the machine is big-endian. */
export function littleEndianBytes(data: TypedArray): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  if (!machineIsLittleEndian) reverseEach(bytes, data.BYTES_PER_ELEMENT)
  return bytes
}

const machineIsLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

function reverseEach(bytes: Uint8Array, size: number): void {
  if (size === 1) return
  for (let start = 0; start < bytes.length; start += size) bytes.subarray(start, start + size).reverse()
}
