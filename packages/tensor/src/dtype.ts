/**
 * Element types.
 *
 * `float64` computes on the reference backend only (gradient checks); `float16` is a storage type: arithmetic
 * on it converts to `float32` first. `bool` is stored as one byte, 0 or 1.
 */
export type DType = 'float32' | 'float64' | 'float16' | 'int32' | 'uint8' | 'bool'

/** The typed array that holds the elements of a tensor; `float16` as its 16-bit patterns. */
export type TypedArray = Float32Array | Float64Array | Uint16Array | Int32Array | Uint8Array

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const

/** Bytes per element. */
export function bytesPerElement(dtype: DType): number {
  return arrays[dtype].BYTES_PER_ELEMENT
}

/** A zero-filled typed array of `length` elements, or a view of `buffer`. */
export function typedArray(dtype: DType, length: number): TypedArray {
  return new arrays[dtype](length)
}

/** A typed view of `length` elements on existing bytes. */
export function viewOf(
  dtype: DType,
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
): TypedArray {
  return new arrays[dtype](buffer as ArrayBuffer, byteOffset, length)
}

/** Whether values of this type may have a fractional part. */
export function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64' || dtype === 'float16'
}

const rank: Record<DType, number> = { bool: 0, uint8: 1, int32: 2, float16: 3, float32: 4, float64: 5 }

/** The type of `a ∘ b`: the wider of both; `float16` computes as `float32`. */
export function promote(a: DType, b: DType): DType {
  const wider = rank[a] >= rank[b] ? a : b
  return wider === 'float16' ? 'float32' : wider
}
