import type { Tensor } from '@badak/tensor'
import { countOf, littleEndianBytes, pack, rowMajorStrides, storedBytes, tensorOf } from '../elements.ts'
import { writeAtomically } from '../files.node.ts'
import { type FileSource, readWhole } from '../source/source.ts'
import { type DecodeOptions, type Place, refuse } from '../place.ts'
import { encodeNpyHeader, parseNpyHeader } from './header.ts'

/**
 * The bytes of an npy file, which `numpy.load` reads: format version 1, little-endian, row-major, byte for
 * byte what `numpy.save` writes. The tensor is evaluated for it.
 *
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 *
 * @example
 * ```ts
 * const bytes = await encodeNpy(tensor([[1, 2], [3, 4]]))
 * ```
 */
export async function encodeNpy(array: Tensor): Promise<Uint8Array<ArrayBuffer>> {
  const [header, data] = await encodeNpyParts(array)
  const whole = new Uint8Array(header.length + data.length)
  whole.set(header)
  whole.set(data, header.length)
  return whole
}

async function encodeNpyParts(array: Tensor): Promise<readonly [Uint8Array, Uint8Array]> {
  return [encodeNpyHeader(array.dtype, array.shape), littleEndianBytes(await array.data())]
}

/**
 * The tensor in the bytes of an npy file, versions 1 to 3, either byte order, row-major or column-major
 * ("Fortran order"; the tensor is row-major). The bytes are copied.
 *
 * float64, float32, float16, int32, uint8 and bool keep their type; int8, int16 and int64 become int32, the
 * last if all values fit. Other types, pickled objects and records are refused by name.
 *
 * @throws FormatError, with the offset, when the bytes are not what their header says
 *
 * @example
 * ```ts
 * const images = decodeNpy(bytes)
 * ```
 */
export function decodeNpy(bytes: Uint8Array, { file = 'bytes' }: DecodeOptions = {}): Tensor {
  return decodeNpyAt(bytes, { operation: 'decodeNpy', file })
}

/** @internal */
export function decodeNpyAt(bytes: Uint8Array, place: Place): Tensor {
  const { type, shape, littleEndian, columnMajor, dataStart } = parseNpyHeader(bytes, place)
  const data = bytes.subarray(dataStart)
  const expected = countOf(shape) * storedBytes[type]
  if (data.length !== expected)
    refuse(place, dataStart, `${type} [${shape}] takes ${expected} bytes, file holds ${data.length}`)
  const strides = columnMajor ? rowMajorStrides(shape.toReversed()).toReversed() : rowMajorStrides(shape)
  const packed = pack(data, { type, shape, strides, offset: 0 })
  return tensorOf(packed, { type, shape, littleEndian, refuse: (what) => refuse(place, dataStart, what) })
}

/**
 * Writes a tensor to an npy file. Only in Node, Deno and Bun; elsewhere there is `encodeNpy`. The file appears
 * whole or not at all.
 *
 * @throws ValueError when the file cannot be written
 *
 * @example
 * ```ts
 * await saveNpy('predictions.npy', logits)
 * ```
 */
export async function saveNpy(path: string | URL, array: Tensor): Promise<void> {
  await writeAtomically(path, await encodeNpyParts(array), 'saveNpy')
}

/**
 * Reads an npy file: a path (Node, Deno, Bun), an address, a Blob or its bytes. `decodeNpy` says which element types.
 *
 * @throws FormatError, with file and offset, when the file is not what its header says
 * @throws ValueError when the file cannot be opened
 *
 * @example
 * ```ts
 * const images = await loadNpy('images.npy')
 * ```
 */
export async function loadNpy(source: FileSource): Promise<Tensor> {
  const operation = 'loadNpy'
  const { bytes, file } = await readWhole(source, operation)
  return decodeNpyAt(bytes, { operation, file })
}
