import { type Tensor, ValueError } from '@badak/tensor'
import { openForReading, writeAtomically } from '../files.node.ts'
import type { Place } from '../place.ts'
import { headerLength, parseHeader } from './header.ts'
import { collect, decodeAs, encodeParts, type SafetensorsContents } from './safetensors.ts'

/**
 * Writes tensors to a safetensors file, which PyTorch, NumPy, JAX and others read. Only in Node, Deno and
 * Bun; elsewhere there is `encodeSafetensors`. The file appears whole or not at all: it is written beside its
 * place, synced, renamed.
 *
 * @param metadata strings that travel with the tensors
 *
 * @example
 * ```ts
 * await saveSafetensors('model.safetensors', model.stateDict(), { epoch: '3' })
 * ```
 */
export async function saveSafetensors(
  path: string | URL,
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeAtomically(path, await encodeParts(tensors, metadata, 'saveSafetensors'), 'saveSafetensors')
}

/**
 * Reads a safetensors file: a path (Node, Deno, Bun) or its bytes. Each tensor is read by itself, after the
 * header has been compared with the size of the file.
 *
 * @throws FormatError, with file and offset, when the file is not what its header says
 * @throws ValueError when the file cannot be opened
 *
 * @example
 * ```ts
 * const { tensors, metadata } = await loadSafetensors('model.safetensors')
 * model.loadStateDict(tensors)
 * ```
 */
export async function loadSafetensors(source: string | URL | Uint8Array): Promise<SafetensorsContents> {
  const operation = 'loadSafetensors'
  if (source instanceof Uint8Array) return decodeAs(operation, source, 'bytes')
  const file = await openForReading(source, operation)
  try {
    const place: Place = { operation, file: file.path }
    const length = headerLength(await file.read(0, Math.min(8, file.size)), file.size, place)
    const start = 8 + length
    const { entries, metadata } = parseHeader(await file.read(8, length), file.size - start, place)
    const data = new Map<object, Uint8Array<ArrayBuffer>>()
    for (const entry of entries)
      data.set(entry, await file.read(start + entry.begin, entry.end - entry.begin))
    return { tensors: collect(entries, (entry) => data.get(entry)!), metadata }
  } catch (error) {
    if (error instanceof RangeError)
      throw new ValueError(`${operation}: ${file.path}: too large for memory`, { cause: error })
    throw error
  } finally {
    await file.close()
  }
}
