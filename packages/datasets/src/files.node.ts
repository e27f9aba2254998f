import { cacheDirectory } from '@badak/formats'
import { DataNotFoundError } from './dataset-errors.ts'
import type { ByteSource } from './idx/byte-source.ts'

/**
 * A module of Node's own, had without an import, which a bundle for browsers must not meet; undefined there.
 */
export function builtin<Name extends keyof Builtins>(module: Name): Builtins[Name] | undefined {
  return globalThis.process?.getBuiltinModule?.(module)
}

interface Builtins {
  'node:fs': typeof import('node:fs')
  'node:fs/promises': typeof import('node:fs/promises')
  'node:module': typeof import('node:module')
  'node:path': typeof import('node:path')
  'node:url': typeof import('node:url')
}

/** Whether a directory is one of this machine rather than an address. */
export function isLocal(directory: string): boolean {
  return builtin('node:fs') !== undefined && !/^https?:/i.test(directory)
}

/** Whether `source` names a file rather than an address to fetch. */
export function isPath(source: string | URL): boolean {
  if (builtin('node:fs') === undefined) return false
  if (source instanceof URL) return source.protocol === 'file:'
  return !/^(https?|data|blob):/i.test(source)
}

/** The bytes of a file. @throws DataNotFoundError when there is no such file */
export async function openFile(path: string | URL, operation: string): Promise<ByteSource> {
  const { stat } = builtin('node:fs/promises')!
  const place = path instanceof URL ? builtin('node:url')!.fileURLToPath(path) : path
  try {
    const status = await stat(place)
    if (!status.isFile()) throw new Error('not a file')
    return { place, size: status.size, chunks: chunksOf(place) }
  } catch (cause) {
    throw new DataNotFoundError(`${operation}: ${place}: ${reason(cause)}`, { cause })
  }
}

/** Opened when the first piece is asked for, closed with the last. */
async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  yield* builtin('node:fs')!.createReadStream(path, { highWaterMark: 1 << 20 })
}

/** What went wrong, in words: `no such file or directory` rather than `ENOENT: …, open '…'`. */
export function reason(cause: unknown): string {
  const { message, code } = cause as NodeJS.ErrnoException
  return code === undefined ? message : message.replace(/^\w+: /, '').replace(/, \w+( '.*')?$/, '')
}

/** Where a data set's files may be on this machine. */
interface Published {
  readonly operation: string
  /** Its folder in the cache. */
  readonly folder: string
  readonly places?: () => readonly string[]
  readonly package?: string
}

interface Where {
  readonly directory?: string
  readonly cache?: string
  readonly download?: boolean
}

/**
 * The paths of files, each known by several names, in the first directory that has all of them; undefined when they have
 * to be fetched, and may be.
 *
 * @throws DataNotFoundError when they are in none of the places, and may not be fetched
 */
export function placesOf(
  { operation, folder, places, package: npm }: Published,
  files: readonly (readonly string[])[],
  { directory, cache, download = true }: Where,
): string[] | undefined {
  const path = builtin('node:path')
  const names = files.map(([first]) => first).join(' and ')
  if (path === undefined) {
    if (download) return undefined
    throw new DataNotFoundError(`${operation}: ${names} would have to be fetched, and download is false`)
  }
  const candidates =
    directory === undefined
      ? [path.join(cache ?? cacheDirectory(), folder), ...(places?.() ?? [])]
      : [directory]
  for (const place of candidates) {
    const found = files.map((spellings) => existing(spellings.map((name) => path.join(place, name))))
    if (!found.includes(undefined)) return found as string[]
  }
  if (directory !== undefined)
    throw new DataNotFoundError(`${operation}: not found: ${names} in ${directory}`)
  if (download) return undefined
  if (npm !== undefined && candidates.length === 1) candidates.push(`the npm package ${npm} (not installed)`)
  throw new DataNotFoundError(
    `${operation}: not found: ${names} in ${candidates.join(', ')}, and download is false`,
  )
}

function existing(paths: readonly string[]): string | undefined {
  const { existsSync } = builtin('node:fs')!
  return paths.find((path) => existsSync(path))
}

/** Where `fetchFile` keeps the files of data sets: beside those that were put there by hand. */
export function cacheOf(cache: string | undefined): { readonly cache?: string } {
  if (cache !== undefined) return { cache }
  return builtin('node:fs') === undefined ? {} : { cache: cacheDirectory() }
}

/** Where a package is installed, as seen from the program, from the working directory and from here. */
export function packageDirectories(
  name: string,
  from = [process.argv[1], `${process.cwd()}/index.js`, import.meta.url],
): string[] {
  const { createRequire } = builtin('node:module')!
  const { dirname } = builtin('node:path')!
  const found = from.flatMap((origin) => {
    try {
      return [dirname(createRequire(origin!).resolve(`${name}/package.json`))]
    } catch {
      return []
    }
  })
  return [...new Set(found)]
}
