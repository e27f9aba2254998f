import { ValueError } from '@badak/tensor'
import { findBuiltin, pathOf, statusOf } from '../files.node.ts'
import { bytesOf, isPath } from '../source/source.ts'
import { isUnsafeName } from '../zip/directory.ts'
import { type Checksum, compare, digestOf, type Expected, expectedOf } from './digest.ts'
import { cacheDirectory, directoryStore } from './directory-store.node.ts'
import { download, type DownloadProgress } from './download.ts'
import { ChecksumError, OfflineError } from './errors.ts'
import { privateStore } from './private-store.ts'
import { memoryStore, type Store, type StoredFile } from './store.ts'

/** Where a file is kept, and what it must be. */
export interface FetchFileOptions extends Checksum {
  /**
   * Where it is kept: in Node a directory, default `files` in `cacheDirectory()`; in browsers a folder of the private
   * file system, default `badak`. `false`: only as long as the result is.
   */
  readonly cache?: string | false
  /** Its name there, which may have folders; default: made of the address. */
  readonly file?: string
  /** Whether nothing may be fetched; default false. */
  readonly offline?: boolean
  /** Called as the download goes on. */
  readonly onProgress?: (progress: DownloadProgress) => void
  /** Ends the download. */
  readonly signal?: AbortSignal
  /** Sent with each request, such as `{ authorization: 'Bearer …' }`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Refuses larger files; default: none. */
  readonly maxBytes?: number
  /** Gives an address up when nothing has come for this long, in milliseconds; default 30,000. */
  readonly patience?: number
  /** The public function that was called, in errors; default `'fetchFile'`. */
  readonly operation?: string
}

/** A file that is here. */
export interface FetchedFile {
  /** Bytes. */
  readonly size: number
  /** Whether nothing had to be fetched. */
  readonly cached: boolean
  /** A path in Node, a Blob elsewhere: what the readers of this package take. */
  readonly source: string | Blob
  /** All of it, in memory. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>
}

/**
 * A file from an address, kept for the next time. A connection that breaks is resumed where it broke, in this run or
 * in the next one; the file appears in the cache when it is whole and has its checksum, and a cached one that has not
 * is fetched anew. Addresses after the first are mirrors, tried in their order.
 *
 * A `file:` address or a path is used where it is; `data:` and `blob:` are not kept.
 *
 * @throws ChecksumError when another file is there
 * @throws OfflineError when it is not in the cache, and `offline` is true
 * @throws DownloadError when no address delivers it, or it cannot be written
 * @throws ValueError when an option is none
 *
 * @example
 * ```ts
 * const file = await fetchFile('https://example.org/resnet18.safetensors', { sha256: 'f37072fd' })
 * const { tensors } = await loadSafetensors(file.source)
 * ```
 */
export async function fetchFile(
  url: string | URL | readonly (string | URL)[],
  options: FetchFileOptions = {},
): Promise<FetchedFile> {
  const { operation = 'fetchFile', file } = options
  const addresses = (Array.isArray(url) ? url : [url]) as readonly (string | URL)[]
  const [first] = addresses
  if (first === undefined) throw new ValueError(`${operation}: there is no address`)
  if (file !== undefined && isUnsafeName(file))
    throw new ValueError(`${operation}: not a name of a file: ${JSON.stringify(file)}`)
  const expected = expectedOf(operation, options)
  if (isPath(first)) return local(first, operation, expected)
  const store = await openStore(first, expected !== undefined, { ...options, operation })
  if (store.key === undefined) return provide(addresses, store, expected, options)
  const running = inFlight.get(store.key)
  if (running) return running
  const result = provide(addresses, store, expected, options)
  inFlight.set(store.key, result)
  return result.finally(() => inFlight.delete(store.key!))
}

/** Two that write to one place would write over each other. */
const inFlight = new Map<string, Promise<FetchedFile>>()

async function provide(
  urls: readonly (string | URL)[],
  store: Store,
  expected: Expected | undefined,
  options: FetchFileOptions,
): Promise<FetchedFile> {
  const { operation = 'fetchFile', offline = false, headers = {}, maxBytes = Infinity } = options
  const addresses = urls.map(String)
  const found = await store.find()
  if (found) {
    const mismatch = expected && (await compare(store.read('whole'), expected))
    if (mismatch === undefined) return fetched(found, true)
    if (offline) throw new ChecksumError(`${operation}: ${store.place}: ${mismatch}, and offline is true`)
    await store.remove()
  }
  if (offline)
    throw new OfflineError(
      `${operation}: ${addresses[0]}: not in the cache (${store.place}), and offline is true`,
    )
  const stored = await download({
    operation,
    file: options.file?.split('/').at(-1) ?? nameOf(addresses[0]!),
    addresses,
    store,
    expected,
    headers,
    maxBytes,
    patience: options.patience ?? 30_000,
    signal: options.signal,
    onProgress: options.onProgress,
  })
  return fetched(stored, false)
}

function fetched({ size, source }: StoredFile, cached: boolean): FetchedFile {
  return { size, cached, source, bytes: () => bytesOf(source, 'fetchFile') }
}

async function local(
  url: string | URL,
  operation: string,
  expected: Expected | undefined,
): Promise<FetchedFile> {
  const path = pathOf(url, operation)
  const { size } = await statusOf(path, operation)
  const mismatch = expected && (await compare(findBuiltin('node:fs')!.createReadStream(path), expected))
  if (mismatch !== undefined) throw new ChecksumError(`${operation}: ${path}: ${mismatch}`)
  return fetched({ size, source: path }, true)
}

/** A part without a checksum is nobody else's: nothing would tell whether two have written to it. */
async function openStore(
  url: string | URL,
  hasChecksum: boolean,
  { cache, file, operation }: FetchFileOptions & { readonly operation: string },
): Promise<Store> {
  if (cache === false || !/^https?:/i.test(new URL(url, globalThis.location?.href).protocol))
    return memoryStore()
  const name = file ?? (await cacheName(`${url}`))
  const last = name.split('/').at(-1)!
  const partName = hasChecksum ? `${last}.part` : `${last}.${globalThis.crypto.randomUUID()}.part`
  const path = findBuiltin('node:path')
  if (path) {
    const directory = cache ?? path.join(cacheDirectory(), 'files')
    return directoryStore(path.join(directory, name), partName, operation)
  }
  return (await privateStore([cache ?? 'badak', ...name.split('/')], partName)) ?? memoryStore()
}

/** The last part of an address: `resnet18.safetensors`. */
function nameOf(address: string): string {
  const { pathname } = new URL(address, globalThis.location?.href)
  return decodeURIComponent(pathname.split('/').at(-1)!).replace(/[^\w.-]/g, '_') || 'file'
}

/** Readable, and different for different addresses: `resnet18-1b0f6d2c.safetensors`. */
async function cacheName(address: string): Promise<string> {
  const name = nameOf(address)
  const digits = (await digestOf([new TextEncoder().encode(address)], 'sha256')).slice(0, 8)
  const dot = name.indexOf('.', 1)
  return dot < 0 ? `${name}-${digits}` : `${name.slice(0, dot)}-${digits}${name.slice(dot)}`
}
