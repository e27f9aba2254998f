import { type FileSource, readWhole } from '../source/source.ts'
import type { DecodeOptions, Place } from '../place.ts'
import { decodeArchive } from './archive.ts'
import type { PyTorchValue } from './globals.ts'
import { decodeLegacy, isLegacy } from './legacy.ts'
import { pickAs, type PyTorchContents, type StateDictOptions } from './state-dict.ts'

/** How much memory a checkpoint may take. */
export interface PyTorchLimits {
  /**
   * Bytes of all tensors together, which may share or repeat the data of the file; default 64 MiB and four times
   * the file.
   */
  readonly maxBytes?: number
}

/** Options of `decodePyTorch`. */
export interface DecodePyTorchOptions extends DecodeOptions, PyTorchLimits {}

/** Options of `loadPyTorch`. */
export interface LoadPyTorchOptions extends StateDictOptions, PyTorchLimits {}

/**
 * What `torch.save` wrote, the zip archive of PyTorch 1.6 and later or the format before it, in which many released
 * weights are: dicts as plain objects, with tensors in them.
 * Nothing in the file is executed: the pickle is read by a machine that knows tensors, dicts, lists, tuples,
 * sets, numbers, strings, bytes, None and booleans, and refuses any other class or function by name.
 *
 * float64, float32, float16, int32, uint8 and bool keep their type; bfloat16 becomes float32, exactly; int8, int16
 * and int64 become int32, and an int64 that does not fit is an error. Tensors are copied out of their storages, as
 * their strides and offsets say. Attributes of dicts (`_metadata` of a state dict) are left out.
 * Checksums are not compared; PyTorch does not, and can be told to write none.
 *
 * @throws FormatError, with the offset, when the bytes are something else, or the pickle asks for anything else
 *
 * @example
 * ```ts
 * const checkpoint = decodePyTorch(bytes)
 * ```
 */
export function decodePyTorch(
  bytes: Uint8Array,
  { file = 'bytes', maxBytes }: DecodePyTorchOptions = {},
): PyTorchValue {
  return decodeAt(bytes, { operation: 'decodePyTorch', file }, { maxBytes })
}

/**
 * Reads the state dict in a PyTorch checkpoint (`.pth`, `.pt`): a path (Node, Deno, Bun), an address, a Blob or its bytes.
 * `decodePyTorch` says which types, and gives the whole checkpoint.
 *
 * @param options.key which entry is the state dict, if there are several
 * @throws FormatError, with file and offset, when the file is something else, or asks for code
 * @throws ValueError when the file cannot be opened
 *
 * @example
 * ```ts
 * const { tensors, metadata } = await loadPyTorch('checkpoint.pth', { key: 'model' })
 * model.loadStateDict(tensors)
 * ```
 */
export async function loadPyTorch(
  source: FileSource,
  options: LoadPyTorchOptions = {},
): Promise<PyTorchContents> {
  return loadPyTorchAs('loadPyTorch', source, options)
}

/** @internal */
export async function loadPyTorchAs(
  operation: string,
  source: FileSource,
  options: LoadPyTorchOptions,
): Promise<PyTorchContents> {
  const { bytes, file } = await readWhole(source, operation)
  const checkpoint = decodeAt(bytes, { operation, file }, options)
  return pickAs(`${operation}: ${file}`, checkpoint, options)
}

function decodeAt(
  bytes: Uint8Array,
  place: Place,
  { maxBytes = 2 ** 26 + 4 * bytes.length }: { readonly maxBytes?: number | undefined },
): PyTorchValue {
  return isLegacy(bytes) ? decodeLegacy(bytes, place, maxBytes) : decodeArchive(bytes, place, maxBytes)
}
