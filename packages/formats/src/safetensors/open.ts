import { IndexError, type Tensor } from '@badak/tensor'
import { countOf, type StoredType, storedBytes } from '../elements.ts'
import type { OpenFile } from '../files.node.ts'
import { type FileSource, openSource } from '../source/source.ts'
import { type Entry, headerLength, parseHeader } from './header.ts'
import { tensorAt } from './safetensors.ts'

/** A tensor in a file, before it is read. */
export interface StoredTensor {
  /** As stored; `decodeSafetensors` says what becomes of the types that tensors lack. */
  readonly type: StoredType
  readonly shape: readonly number[]
  /** In the file. */
  readonly bytes: number
}

/** Which part of a tensor is read. */
export interface ReadTensorOptions {
  /** Rows along the first axis, from the first one to before the second; default all. */
  readonly rows?: readonly [begin: number, end: number]
}

/** A safetensors file that is open: its header has been read and checked. */
export interface SafetensorsFile extends AsyncDisposable {
  /** By name, in the order of the file; the object has no prototype. */
  readonly entries: Readonly<Record<string, StoredTensor>>
  readonly metadata: Readonly<Record<string, string>>
  /**
   * Reads one tensor, or some rows of it, and no other byte.
   *
   * @throws IndexError when there is no such tensor, or no such rows
   * @throws FormatError when the file has become shorter
   */
  tensor(name: string, options?: ReadTensorOptions): Promise<Tensor>
  /** Gives the file back; a tensor that has been read stays. */
  close(): Promise<void>
}

/**
 * Opens a safetensors file, to read some of its tensors: a path (Node, Deno, Bun), an address, a Blob or bytes. At first
 * only the header is read. From an address, each read is a request for a range of the file.
 *
 * Files are read by position, not mapped into memory: no engine maps files. What is not asked for is not read either way.
 *
 * @throws FormatError, with file and offset, when the file is not what its header says
 * @throws ValueError when the file cannot be opened
 * @throws DownloadError when the server does not answer, or sends no ranges
 *
 * @example
 * ```ts
 * const file = await openSafetensors('model.safetensors')
 * console.log(Object.keys(file.entries))
 * const weight = await file.tensor('fc.weight')
 * const firstRows = await file.tensor('embedding.weight', { rows: [0, 100] })
 * await file.close()
 * ```
 */
export async function openSafetensors(source: FileSource): Promise<SafetensorsFile> {
  const operation = 'openSafetensors'
  const file = await openSource(source, operation)
  try {
    const { entries, metadata, dataStart } = await readHeader(file, operation)
    const byName = new Map(entries.map((entry) => [entry.name, entry]))
    const close = (): Promise<void> => file.close()
    return {
      entries: describe(entries),
      metadata,
      tensor: async (name, options = {}) => {
        const place = { operation, file: file.name }
        const part = partOf(byName.get(name), name, options, file.name)
        const bytes = await file.read(dataStart + part.begin, countOf(part.shape) * storedBytes[part.type])
        return tensorAt(part, bytes, dataStart, place)
      },
      close,
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

/** @internal */
export async function readHeader(
  file: OpenFile,
  operation: string,
): Promise<ReturnType<typeof parseHeader> & { readonly dataStart: number }> {
  const place = { operation, file: file.name }
  const length = headerLength(await file.read(0, Math.min(8, file.size)), file.size, place)
  const dataStart = 8 + length
  return { ...parseHeader(await file.read(8, length), file.size - dataStart, place), dataStart }
}

function describe(entries: readonly Entry[]): Record<string, StoredTensor> {
  const described = Object.create(null) as Record<string, StoredTensor>
  for (const { name, type, shape, begin, end } of entries)
    described[name] = { type, shape, bytes: end - begin }
  return described
}

/** The entry, or the rows of it that are asked for. */
function partOf(
  entry: Entry | undefined,
  name: string,
  { rows }: ReadTensorOptions,
  file: string,
): Omit<Entry, 'end'> {
  const operation = 'SafetensorsFile.tensor'
  if (entry === undefined) throw new IndexError(`${operation}: ${file}: there is no tensor "${name}"`)
  if (rows === undefined) return entry
  const { type, shape, begin } = entry
  const [from, to] = rows
  const whole = Number.isInteger(from) && Number.isInteger(to)
  if (shape.length === 0 || !whole || from < 0 || from > to || to > shape[0]!)
    throw new IndexError(`${operation}: ${file}: "${name}" [${shape}] has no rows ${from} to ${to}`)
  const rest = shape.slice(1)
  return { name, type, shape: [to - from, ...rest], begin: begin + from * countOf(rest) * storedBytes[type] }
}
