import { type Tensor, ValueError } from '@badak/tensor'
import { zipSync } from 'fflate'
import { writeAtomically } from '../files.node.ts'
import { type FileSource, readWhole } from '../source/source.ts'
import { type DecodeOptions, type Place, refuse, within } from '../place.ts'
import { isUnsafeName } from '../zip/directory.ts'
import { readZip } from '../zip/zip.ts'
import { decodeNpyAt, encodeNpy } from './npy.ts'

/** Options of `encodeNpz` and `saveNpz`. */
export interface NpzOptions {
  /** Deflates the arrays, as `numpy.savez_compressed` does; default false. */
  readonly compress?: boolean
}

/** Options of `loadNpz`. */
export interface LoadNpzOptions {
  /** How many bytes the arrays may take when they are inflated; default 1 GiB, or 16 times the file. */
  readonly maxBytes?: number
}

/** Options of `decodeNpz`. */
export interface DecodeNpzOptions extends DecodeOptions, LoadNpzOptions {}

// The earliest date that a zip file can have, so that equal arrays give equal files.
const mtime = new Date(1980, 0, 1)

/** Beyond, a zip file has another form, which the library does not write. */
const MAX_ZIP_BYTES = 2 ** 32 - 1
const MAX_ENTRIES = 65_534

/**
 * The bytes of an npz file, a zip archive of npy files, which `numpy.load` reads: the values of `arrays`, which
 * are evaluated for it. At most 4 GiB and 65,534 arrays.
 *
 * @throws ValueError when a name cannot be one in an archive, or the file would be too large
 *
 * @example
 * ```ts
 * const bytes = await encodeNpz({ images, labels }, { compress: true })
 * ```
 */
export async function encodeNpz(
  arrays: Readonly<Record<string, Tensor>>,
  options: NpzOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  return encodeAs('encodeNpz', arrays, options)
}

async function encodeAs(
  operation: string,
  arrays: Readonly<Record<string, Tensor>>,
  { compress = false }: NpzOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const names = Object.keys(arrays)
  if (names.length > MAX_ENTRIES)
    throw new ValueError(`${operation}: at most ${MAX_ENTRIES} arrays: got ${names.length}`)
  for (const name of names) {
    if (isUnsafeName(name)) throw new ValueError(`${operation}: "${name}" cannot be a name in an archive`)
  }
  const files = await Promise.all(
    names.map(async (name) => [`${name}.npy`, await encodeNpy(arrays[name]!)] as const),
  )
  const size = files.reduce((sum, [name, bytes]) => sum + bytes.length + 6 * name.length + 92, 22)
  if (size > MAX_ZIP_BYTES)
    throw new ValueError(`${operation}: at most ${MAX_ZIP_BYTES} bytes: the arrays take ${size}`)
  return zipSync(Object.fromEntries(files), { level: compress ? 6 : 0, mtime })
}

/**
 * The tensors in the bytes of an npz file, stored or deflated, by name without `.npy`. The bytes are copied.
 * `decodeNpy` says which element types.
 *
 * Sizes are compared with the file and with `maxBytes` before memory is taken, checksums afterwards.
 *
 * @returns an object without a prototype, in the order of the file
 * @throws FormatError, with the offset, when the bytes are not what their headers say
 *
 * @example
 * ```ts
 * const { images, labels } = decodeNpz(bytes)
 * ```
 */
export function decodeNpz(
  bytes: Uint8Array,
  { file = 'bytes', ...options }: DecodeNpzOptions = {},
): Record<string, Tensor> {
  return decodeNpzAt(bytes, { operation: 'decodeNpz', file }, options)
}

function decodeNpzAt(bytes: Uint8Array, place: Place, { maxBytes }: LoadNpzOptions): Record<string, Tensor> {
  const zip = readZip(bytes, place, maxBytes ?? Math.max(2 ** 30, 16 * bytes.length))
  const tensors = Object.create(null) as Record<string, Tensor>
  for (const entry of zip.entries.values()) {
    if (!entry.name.endsWith('.npy')) refuse(place, entry.offset, `"${entry.name}" is not an npy file`)
    const data = zip.read(entry)
    zip.checkSum(entry, data)
    tensors[entry.name.slice(0, -'.npy'.length)] = decodeNpyAt(data, within(place, entry.name))
  }
  return tensors
}

/**
 * Writes tensors to an npz file. Only in Node, Deno and Bun; elsewhere there is `encodeNpz`. The file appears
 * whole or not at all.
 *
 * @throws ValueError when the file cannot be written, a name cannot be one in an archive, or it would be too large
 *
 * @example
 * ```ts
 * await saveNpz('data.npz', { images, labels })
 * ```
 */
export async function saveNpz(
  path: string | URL,
  arrays: Readonly<Record<string, Tensor>>,
  options: NpzOptions = {},
): Promise<void> {
  await writeAtomically(path, [await encodeAs('saveNpz', arrays, options)], 'saveNpz')
}

/**
 * Reads an npz file: a path (Node, Deno, Bun), an address, a Blob or its bytes. See `decodeNpz`.
 *
 * @throws FormatError, with file and offset, when the file is not what its headers say
 * @throws ValueError when the file cannot be opened
 *
 * @example
 * ```ts
 * const { images, labels } = await loadNpz('data.npz')
 * ```
 */
export async function loadNpz(
  source: FileSource,
  options: LoadNpzOptions = {},
): Promise<Record<string, Tensor>> {
  return loadNpzAs('loadNpz', source, options)
}

/** @internal */
export async function loadNpzAs(
  operation: string,
  source: FileSource,
  options: LoadNpzOptions,
): Promise<Record<string, Tensor>> {
  const { bytes, file } = await readWhole(source, operation)
  return decodeNpzAt(bytes, { operation, file }, options)
}
