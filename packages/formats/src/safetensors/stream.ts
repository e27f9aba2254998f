import { type Tensor, ValueError } from '@badak/tensor'
import { littleEndianBytes } from '../elements.ts'
import { encodeHeader, layOut } from './header.ts'

/**
 * The bytes of a safetensors file, tensor by tensor: of a large state dict no more than one tensor is copied at a time.
 * For an upload, a file of the private file system, a compressing stream. `saveSafetensors` writes files so.
 *
 * Each tensor is read when its turn comes. To train on meanwhile, stream a copy: `model.stateDict({ copy: true })`.
 *
 * @throws DTypeError when a value of `metadata` is not a string
 *
 * @example
 * ```ts
 * await fetch('/upload', { method: 'POST', body: streamSafetensors(model.stateDict()), duplex: 'half' })
 * ```
 */
export function streamSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { parts } = encodeParts(tensors, metadata, 'streamSafetensors')
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await parts.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await parts.return()
    },
  })
}

/** The header and the data of each tensor, in their order, and how long they are together. @internal */
export function encodeParts(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>>,
  operation: string,
): { readonly size: number; readonly parts: AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> } {
  const entries = layOut(tensors)
  const header = encodeHeader(entries, metadata, operation)
  async function* parts(): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    yield header
    for (const { name, begin, end } of entries) {
      const bytes = littleEndianBytes(await tensors[name]!.data())
      if (bytes.length !== end - begin)
        throw new ValueError(`${operation}: "${name}" has changed its size while it was written`)
      // Never empty: a stream of bytes refuses such pieces.
      if (bytes.length > 0) yield bytes as Uint8Array<ArrayBuffer>
    }
  }
  return { size: header.length + (entries.at(-1)?.end ?? 0), parts: parts() }
}
