import { mkdirSync, readFileSync } from 'node:fs'
import { basename, join, parse, relative } from 'node:path'
import { decodeImage, type Image } from '@badak/images'
import { UsageError } from 'command-line/arguments'
import writeFileAtomic from 'write-file-atomic'

/** The image in a file: JPEG, PNG or WebP. @throws UsageError, naming the file, when there is none */
export async function readImage(path: string): Promise<Image> {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: 'there is no such file',
      EISDIR: 'a folder, not an image',
      EACCES: 'it may not be read',
    }
    throw new UsageError(`${path}: ${reasons[code ?? ''] ?? message}`)
  }
  return decodeImage(bytes, { name: path })
}

/** Writes the bytes of a PNG file and returns its path. */
export async function writePNG(directory: string, name: string, bytes: Uint8Array): Promise<string> {
  mkdirSync(directory, { recursive: true })
  const path = join(directory, `${name}.png`)
  await writeFileAtomic(path, Buffer.from(bytes))
  return path
}

/** A name for what is made of a file: `photos/cat.jpg` is `photos-cat`, so that two folders may have a cat. */
export function nameOf(path: string): string {
  const seen = relative('', path)
  const { dir, name } = parse(seen.startsWith('..') ? basename(path) : seen)
  return join(dir, name).replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
}
