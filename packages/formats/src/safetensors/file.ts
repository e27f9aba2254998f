import type { Tensor } from '@badak/tensor'
import { writeAtomically } from '../files.node.ts'
import { type FileSource, isPath, openSource, reading, readWhole } from '../source/source.ts'
import { readHeader } from './open.ts'
import { decodeAs, type SafetensorsContents, tensorAt } from './safetensors.ts'
import { encodeParts } from './stream.ts'

/**
 * Writes tensors to a safetensors file, which PyTorch, NumPy, JAX and others read. Only in Node, Deno and
 * Bun; elsewhere there is `streamSafetensors`. The file appears whole or not at all: it is written beside its
 * place, synced, renamed.
 *
 * Tensors are read and written one after another, so that no more than one is copied at a time. To train on
 * meanwhile, save a copy: `model.stateDict({ copy: true })`.
 *
 * @param metadata strings that travel with the tensors
 * @throws ValueError when the file cannot be written
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
  const operation = 'saveSafetensors'
  await writeAtomically(path, encodeParts(tensors, metadata, operation).parts, operation)
}

/**
 * Reads a safetensors file: a path (Node, Deno, Bun), an address, a Blob or its bytes. Each tensor is read by itself,
 * after the header has been compared with the size of the file. `openSafetensors` reads some of them only.
 *
 * @throws FormatError, with file and offset, when the file is not what its header says
 * @throws ValueError when the file cannot be opened
 * @throws DownloadError when it cannot be fetched
 *
 * @example
 * ```ts
 * const { tensors, metadata } = await loadSafetensors('model.safetensors')
 * model.loadStateDict(tensors)
 * ```
 */
export async function loadSafetensors(source: FileSource): Promise<SafetensorsContents> {
  return loadAs('loadSafetensors', source)
}

/** @internal */
export async function loadAs(operation: string, source: FileSource): Promise<SafetensorsContents> {
  // One request, not one for each tensor.
  if (source instanceof Uint8Array || (!(source instanceof Blob) && !isPath(source))) {
    const { bytes, file } = await readWhole(source, operation)
    return decodeAs(operation, bytes, file)
  }
  const file = await openSource(source, operation)
  return reading(file, operation, async () => {
    const { entries, metadata, dataStart } = await readHeader(file, operation)
    const tensors = Object.create(null) as Record<string, Tensor>
    for (const entry of entries) {
      const bytes = await file.read(dataStart + entry.begin, entry.end - entry.begin)
      tensors[entry.name] = tensorAt(entry, bytes, dataStart, { operation, file: file.name })
    }
    return { tensors, metadata }
  })
}
