import { DownloadError } from '../dataset-errors.ts'
import { builtin, reason } from '../files.node.ts'

/** How far a download has come. */
export interface DownloadProgress {
  readonly file: string
  /** Bytes on disk so far, those of an earlier attempt included. */
  readonly received: number
  /** Bytes of the whole file, where the server says. */
  readonly total: number | undefined
}

export interface DownloadOptions {
  readonly file: string
  /** Addresses to which `file` is appended, in the order in which they are tried. */
  readonly mirrors: readonly string[]
  /** Hexadecimal. */
  readonly md5: string
  readonly directory: string
  readonly onProgress?: (progress: DownloadProgress) => void
  /** Gives a mirror up when nothing has come for this long, in milliseconds; default 30 s. */
  readonly patience?: number
}

/** Tries per mirror: a connection that breaks is resumed where it broke. */
const ATTEMPTS = 3

/**
 * Fetches a file, continuing what an earlier attempt left, and puts it in place when its checksum is right.
 *
 * @returns the path of the file
 * @throws DownloadError when no mirror delivers it
 */
export async function download(options: DownloadOptions): Promise<string> {
  const { mkdir, rename, rm } = builtin('node:fs/promises')!
  const { join } = builtin('node:path')!
  const { file, mirrors, directory } = options
  const path = join(directory, file)
  const part = `${path}.part`
  const failures: string[] = []
  await mkdir(directory, { recursive: true })
  for (const mirror of mirrors) {
    const address = mirror.replace(/\/?$/, `/${file}`)
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const outcome = await fetchInto(part, address, options)
      const digest = outcome === 'done' ? await md5Of(part) : undefined
      if (digest === options.md5) {
        await rename(part, path)
        return path
      }
      // What was resumed may have been wrong, so a wrong checksum is worth one more try from nothing.
      if (digest !== undefined) await rm(part)
      failures.push(`${address}: ${digest === undefined ? outcome : `MD5 is ${digest}, not ${options.md5}`}`)
      if (outcome.startsWith('status')) break
    }
  }
  throw new DownloadError(`mnist: no mirror delivered ${file}:\n  ${[...new Set(failures)].join('\n  ')}`)
}

/** Appends what is missing of `address` to `part` and syncs it. Returns 'done', or what went wrong. */
async function fetchInto(part: string, address: string, options: DownloadOptions): Promise<string> {
  const { open, stat } = builtin('node:fs/promises')!
  const { patience = 30_000 } = options
  const existing = await stat(part).then(
    (status) => status.size,
    () => 0,
  )
  const abort = new AbortController()
  const giveUp = (): void => abort.abort(new Error(`nothing came for ${patience / 1000} s`))
  let timer = setTimeout(giveUp, patience)
  try {
    const headers = { 'accept-encoding': 'identity', ...(existing > 0 && { range: `bytes=${existing}-` }) }
    const response = await fetch(address, { headers, signal: abort.signal })
    // 416: there is nothing beyond what is here. The checksum tells whether it is the whole.
    if (response.status === 416 && existing > 0) return 'done'
    if (!response.ok || response.body === null)
      return `status ${response.status} ${response.statusText}`.trim()
    const resumed = response.status === 206 && startOf(response) === existing
    if (response.status === 206 && !resumed) return 'status 206, but not the range that was asked for'
    const remaining = response.headers.get('content-length')
    const start = resumed ? existing : 0
    const total = remaining === null ? undefined : start + Number(remaining)
    const out = await open(part, resumed ? 'a' : 'w')
    try {
      let received = start
      for await (const chunk of response.body) {
        clearTimeout(timer)
        timer = setTimeout(giveUp, patience)
        await out.writeFile(chunk)
        received += chunk.length
        options.onProgress?.({ file: options.file, received, total })
      }
      await out.sync()
      return 'done'
    } finally {
      await out.close()
    }
  } catch (error) {
    const { cause } = error as { cause?: unknown }
    return reason(cause ?? error)
  } finally {
    clearTimeout(timer)
  }
}

function startOf(response: Response): number {
  return Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? -1)
}

async function md5Of(path: string): Promise<string> {
  const hash = builtin('node:crypto')!.createHash('md5')
  for await (const chunk of builtin('node:fs')!.createReadStream(path)) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}
