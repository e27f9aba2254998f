import { fetchFile, readBytes } from '@badak/formats'
import { FormatError } from '@badak/tensor'
import { unpack } from '../archives/unpack.node.ts'
import { DataNotFoundError } from '../dataset-errors.ts'
import { builtin, cacheOf, isLocal, reason } from '../files.node.ts'
import type { FilesOptions } from './files-options.ts'

/** The files of a data set, which are found by their names. */
export interface FileTree {
  /** A directory or an address. */
  readonly place: string
  /** Where the file of this name is. */
  locate(name: string): string
  /** A text file. @throws DataNotFoundError when it is not there; FormatError when it is no text, or too large */
  text(name: string): Promise<string>
  /** The names in a folder, sorted by code units. @throws DataNotFoundError when it is not there, or is behind an address */
  list(folder: string): Promise<string[]>
  /** Whether there is such a file or folder; behind an address, always. */
  has(name: string): boolean
}

/** A data set that is published as archives of many files. */
export interface PublishedTree {
  /** The public function, which errors name. */
  readonly operation: string
  /** Its folder in the cache. */
  readonly folder: string
  /** Where its files may lie below that, or below a directory that the user names; the first that has `needs` counts. */
  readonly bases: readonly string[]
  /** What has to be there. */
  readonly needs: readonly string[]
  /** None: they have to be fetched by hand, as `homepage` tells. */
  readonly archives: readonly PublishedArchive[]
  readonly homepage: string
}

/** An archive as its authors publish it. */
interface PublishedArchive {
  readonly address: string
  /** Of the archive, where a source that can be trusted has it. */
  readonly md5?: string
  /** More than it unpacks to. */
  readonly maxBytes: number
}

/** A string cannot be longer. COCO's largest file has 450 million. */
const MAX_TEXT = 2 ** 29 - 24
const MAX_FILES = 1_000_000

/**
 * The files of a data set: in `directory`, if it is given; in its folder of the cache; else its archives are fetched, and
 * unpacked there.
 *
 * @throws DataNotFoundError when they are in none of the places, and cannot or may not be fetched
 */
export async function openTree(published: PublishedTree, options: FilesOptions): Promise<FileTree> {
  const { operation, folder, bases, needs, archives, homepage } = published
  const { directory, cache, download = true } = options
  if (directory !== undefined && !isLocal(directory)) return remoteTree(directory, operation)
  const path = builtin('node:path')
  const root = directory ?? (path && path.join(cacheOf(cache).cache!, folder))
  if (path === undefined || root === undefined)
    throw new DataNotFoundError(
      `${operation}: archives are unpacked only where there are files: name an address as directory`,
    )
  const find = (): FileTree | undefined => {
    const base = bases.find((each) => needs.every((name) => exists(path.join(root, each, name))))
    return base === undefined ? undefined : localTree(path.join(root, base), operation)
  }
  const found = find()
  if (found) return found
  const missing = `${operation}: not found: ${needs.join(' and ')} in ${root}`
  if (directory !== undefined) throw new DataNotFoundError(missing)
  if (!download) throw new DataNotFoundError(`${missing}, and download is false`)
  if (archives.length === 0)
    throw new DataNotFoundError(`${missing}: it has to be fetched by hand, see ${homepage}`)
  for (const archive of archives) await fetchAndUnpack(published, archive, root, options)
  const unpacked = find()
  if (unpacked) return unpacked
  throw new FormatError(`${missing}, where its archives were unpacked`)
}

async function fetchAndUnpack(
  { operation, folder }: PublishedTree,
  { address, md5, maxBytes }: PublishedArchive,
  root: string,
  { cache, mirrors, onProgress }: FilesOptions,
): Promise<void> {
  const file = address.split('/').at(-1)!
  const addresses = mirrors?.map((mirror) => mirror.replace(/\/?$/, `/${file}`)) ?? [address]
  const { source } = await fetchFile(addresses, {
    operation,
    file: `${folder}/${file}`,
    ...(md5 !== undefined && { md5 }),
    ...cacheOf(cache),
    ...(onProgress && { onProgress }),
  })
  await unpack(source as string, root, operation, { maxBytes, maxFiles: MAX_FILES })
}

function exists(path: string): boolean {
  return builtin('node:fs')!.existsSync(path)
}

function localTree(root: string, operation: string): FileTree {
  const { join } = builtin('node:path')!
  const { readdir, stat, readFile } = builtin('node:fs/promises')!
  const missing = (path: string) => (cause: unknown) => {
    throw new DataNotFoundError(`${operation}: ${path}: ${reason(cause)}`, { cause })
  }
  return {
    place: root,
    locate: (name) => join(root, name),
    async text(name) {
      const path = join(root, name)
      const { size } = await stat(path).catch(missing(path))
      if (size > MAX_TEXT)
        throw new FormatError(`${operation}: ${path}: ${size} bytes; at most ${MAX_TEXT} are read`)
      return decodeText(await readFile(path).catch(missing(path)), path, operation)
    },
    async list(folder) {
      const path = join(root, folder)
      return (await readdir(path).catch(missing(path))).sort()
    },
    has: (name) => exists(join(root, name)),
  }
}

function remoteTree(address: string, operation: string): FileTree {
  const locate = (name: string): string =>
    address.replace(/\/?$/, `/${name.split('/').map(encodeURIComponent).join('/')}`)
  return {
    place: address,
    locate,
    async text(name) {
      const { bytes } = await readBytes(locate(name), { operation })
      return decodeText(bytes, locate(name), operation)
    },
    list(folder) {
      throw new DataNotFoundError(
        `${operation}: ${locate(folder)}: an address cannot be listed: name a directory`,
      )
    },
    has: () => true,
  }
}

function decodeText(bytes: Uint8Array, place: string, operation: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new FormatError(`${operation}: ${place}: not text in UTF-8`, { cause })
  }
}

/** The lines of a text that have something on them, with their numbers, from 1. */
export function linesOf(text: string): (readonly [line: string, number: number])[] {
  return text
    .split(/\r?\n/)
    .map((line, i) => [line.trim(), i + 1] as const)
    .filter(([line]) => line !== '')
}
