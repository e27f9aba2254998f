import { FormatError, type Tensor, ValueError } from '@badak/tensor'
import { fetchFile, type FetchFileOptions } from '../fetch/fetch-file.ts'
import { loadNpzAs } from '../npy/npz.ts'
import type { PyTorchValue } from '../pytorch/globals.ts'
import { loadPyTorchAs } from '../pytorch/pytorch.ts'
import { loadAs } from '../safetensors/file.ts'
import { type FileSource, openSource, reading } from '../source/source.ts'

/** How weights are found and read. */
export interface LoadWeightsOptions extends Omit<FetchFileOptions, 'operation'> {
  /** Of a PyTorch checkpoint with several state dicts: which one. */
  readonly key?: string
}

/** Weights, and what stands beside them in the file. */
export interface Weights {
  readonly format: 'safetensors' | 'pytorch' | 'npz'
  /** By name; the object has no prototype. */
  readonly tensors: Record<string, Tensor>
  /** Strings of a safetensors file; the other entries of a PyTorch checkpoint, such as `epoch`; else nothing. */
  readonly metadata: { readonly [key: string]: PyTorchValue }
}

/**
 * The weights in a safetensors file, a PyTorch checkpoint or an npz file, which the content tells apart. From an address
 * they are fetched once and kept, as `fetchFile` does; a path (Node, Deno, Bun), a Blob and bytes are read where they are.
 *
 * @throws FormatError when the file is none of these, or broken
 * @throws DownloadError when it cannot be fetched; ChecksumError when another file is there
 * @throws ValueError when the file cannot be opened
 *
 * @example
 * ```ts
 * const { tensors } = await loadWeights('https://example.org/resnet18-f37072fd.pth', { sha256: 'f37072fd' })
 * model.loadStateDict(tensors)
 * ```
 */
export async function loadWeights(source: FileSource, options: LoadWeightsOptions = {}): Promise<Weights> {
  const operation = 'loadWeights'
  const { key, ...fetching } = options
  const remote = !(source instanceof Uint8Array || source instanceof Blob)
  if (!remote && (options.sha256 !== undefined || options.md5 !== undefined))
    throw new ValueError(`${operation}: a checksum is for what is fetched: these bytes are here`)
  const file = remote ? (await fetchFile(source, { ...fetching, operation })).source : source
  const format = await formatOf(file, operation)
  if (format === 'safetensors') return { format, ...(await loadAs(operation, file)) }
  const picked = key === undefined ? {} : { key }
  if (format === 'pytorch') return { format, metadata: {}, ...(await loadPyTorchAs(operation, file, picked)) }
  return { format, tensors: await loadNpzAs(operation, file, {}), metadata: {} }
}

async function formatOf(source: FileSource, operation: string): Promise<Weights['format']> {
  const file = await openSource(source, operation)
  return reading(file, operation, async () => {
    const start = await file.read(0, Math.min(file.size, 1024))
    const text = String.fromCharCode(...start)
    // The header of safetensors is JSON, after eight bytes with its length.
    if (text[8] === '{') return 'safetensors'
    // A zip archive, and the name of its first file; an npz file has arrays only.
    if (text.startsWith('PK\x03\x04'))
      return text.slice(30, 30 + start[26]!).endsWith('.npy') ? 'npz' : 'pytorch'
    // A pickle: PyTorch before 1.6.
    if (start[0] === 0x80) return 'pytorch'
    const shown = [...start.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    throw new FormatError(
      `${operation}: ${file.name}: neither safetensors, PyTorch's nor npz: it starts with ${shown || 'nothing'}`,
    )
  })
}
