import { type FileSource, readBytes } from '@badak/formats'
import { decodeAs, type DecodeImageOptions } from './decode.ts'
import type { Image } from './image.ts'

/**
 * The picture in a file: a path or a `file:` URL (Node, Deno, Bun), an address, a Blob, such as a `File` that somebody
 * dropped on a page, or bytes. `decodeImage` says which formats.
 *
 * @param options.name what errors call it; default: its path or address
 * @throws FormatError naming the file when it is no picture that is read
 * @throws ValueError when there is no such file
 * @throws DownloadError when it cannot be fetched
 *
 * @example
 * ```ts
 * const image = await loadImage('cat.jpg', { channels: 3 })
 * ```
 */
export async function loadImage(source: FileSource, options: DecodeImageOptions = {}): Promise<Image> {
  const operation = 'loadImage'
  const { bytes, name } = await readBytes(source, { operation })
  return decodeAs(operation, bytes, { name, ...options })
}
