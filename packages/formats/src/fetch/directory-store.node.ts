import { builtin, syncDirectory } from '../files.node.ts'
import type { Store, StoredFile } from './store.ts'

/**
 * Keeps a file in a directory; what has come of it lies beside it.
 *
 * @param partName of what is beside it
 */
export function directoryStore(path: string, partName: string, operation: string): Store {
  const { mkdir, open, rename, rm, stat } = builtin('node:fs/promises', operation)
  const { dirname, join } = builtin('node:path', operation)
  const { createReadStream } = builtin('node:fs', operation)
  const part = join(dirname(path), partName)
  const find = async (): Promise<StoredFile | undefined> => {
    const status = await stat(path).catch(() => undefined)
    return status?.isFile() ? { size: status.size, source: path } : undefined
  }
  return {
    place: path,
    key: path,
    find,
    partSize: () =>
      stat(part).then(
        ({ size }) => size,
        () => 0,
      ),
    async openPart(append) {
      await mkdir(dirname(path), { recursive: true })
      const out = await open(part, append ? 'a' : 'w')
      return {
        write: (chunk) => out.writeFile(chunk),
        async close() {
          await out.sync().finally(() => out.close())
        },
      }
    },
    async commit() {
      await rename(part, path)
      await syncDirectory(path, operation)
      return (await find())!
    },
    discard: () => rm(part, { force: true }),
    remove: () => rm(path, { force: true }),
    read: (which) => createReadStream(which === 'part' ? part : path, { highWaterMark: 1 << 20 }),
  }
}

/**
 * Where downloads are kept in Node, Deno and Bun: `$BADAK_DATA`, or where the platform keeps what can be fetched
 * again (`~/.cache/badak`, `~/Library/Caches/badak`, `%LOCALAPPDATA%\badak\Cache`).
 *
 * @throws BadakError where there are no files
 *
 * @example
 * ```ts
 * console.log(cacheDirectory())
 * ```
 */
export function cacheDirectory(): string {
  const { join } = builtin('node:path', 'cacheDirectory')
  const { env, platform } = process
  if (env['BADAK_DATA']) return env['BADAK_DATA']
  const home = builtin('node:os', 'cacheDirectory').homedir()
  if (platform === 'win32')
    return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'badak', 'Cache')
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'badak')
  return join(env['XDG_CACHE_HOME'] ?? join(home, '.cache'), 'badak')
}
