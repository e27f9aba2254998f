import { reason } from '../files.node.ts'
import { compare, type Expected } from './digest.ts'
import { ChecksumError, DownloadError } from './errors.ts'
import { Patience } from './patience.ts'
import type { Store, StoredFile } from './store.ts'

/** How far a download has come. */
export interface DownloadProgress {
  /** The name of the file. */
  readonly file: string
  /** Bytes here so far, those of an earlier attempt included. */
  readonly received: number
  /** Bytes of the whole file, where the server says. */
  readonly total: number | undefined
}

export interface Download {
  readonly operation: string
  readonly file: string
  /** In the order in which they are tried. */
  readonly addresses: readonly string[]
  readonly store: Store
  readonly expected: Expected | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly maxBytes: number
  /** In milliseconds. */
  readonly patience: number
  readonly signal: AbortSignal | undefined
  readonly onProgress: ((progress: DownloadProgress) => void) | undefined
}

/** Tries per address: a connection that breaks is resumed where it broke. */
const ATTEMPTS = 3

/** What came of an attempt: all of it, a connection that broke, or an answer that another try will not change. */
type Outcome =
  | { readonly kind: 'done'; readonly resumed: boolean }
  | { readonly kind: 'broken' | 'refused'; readonly why: string }

/**
 * Fetches a file, continuing what an earlier attempt left if a checksum will tell, and puts it in place when it is
 * whole.
 *
 * @throws DownloadError when no address delivers it; ChecksumError when one delivers another file
 */
export async function download(wanted: Download): Promise<StoredFile> {
  const { addresses, store, expected } = wanted
  const failures: string[] = []
  let wrong = false
  try {
    for (const address of addresses) {
      // Of another server, a part may be of another file.
      if (expected === undefined) await store.discard()
      const from: Origin = { address, validator: undefined }
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const outcome = await fetchPart(from, wanted)
        const mismatch =
          outcome.kind === 'done' && expected ? await compare(store.read('part'), expected) : undefined
        if (outcome.kind === 'done' && mismatch === undefined) return await store.commit()
        if (mismatch !== undefined) await store.discard()
        wrong = mismatch !== undefined
        failures.push(`${address}: ${mismatch ?? (outcome as { why: string }).why}`)
        // What was resumed may have been wrong; what came at once will come again.
        if (outcome.kind === 'refused' || (outcome.kind === 'done' && !outcome.resumed)) break
      }
    }
  } finally {
    if (expected === undefined) await store.discard()
  }
  throw new (wrong ? ChecksumError : DownloadError)(messageOf(wanted, [...new Set(failures)]))
}

function messageOf({ operation, file, addresses }: Download, failures: readonly string[]): string {
  if (addresses.length === 1 && failures.length === 1) return `${operation}: ${failures[0]}`
  return `${operation}: no address delivered ${file}:\n  ${failures.join('\n  ')}`
}

interface Origin {
  readonly address: string
  /** What tells this version of the file from another: an ETag or a date. */
  validator: string | undefined
}

/** Appends to the part what is missing of it. */
async function fetchPart(from: Origin, wanted: Download): Promise<Outcome> {
  const { store, signal } = wanted
  const existing = await store.partSize()
  const patience = new Patience(wanted.patience, signal)
  try {
    const headers: Record<string, string> = { ...wanted.headers, 'accept-encoding': 'identity' }
    if (existing > 0) headers['range'] = `bytes=${existing}-`
    if (existing > 0 && from.validator !== undefined) headers['if-range'] = from.validator
    const response = await fetch(from.address, { headers, signal: patience.signal })
    return await takeBody(response, existing, from, patience, wanted)
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof StoreFailure) throw error.as(wanted)
    return { kind: 'broken', why: reason((error as { cause?: unknown }).cause ?? error) }
  } finally {
    patience.end()
  }
}

async function takeBody(
  response: Response,
  existing: number,
  from: Origin,
  patience: Patience,
  wanted: Download,
): Promise<Outcome> {
  const { status, body } = response
  // There is nothing beyond what is here: the checksum tells whether it is the whole.
  if (status === 416 && existing > 0) return { kind: 'done', resumed: true }
  if (!response.ok || body === null)
    return { kind: 'refused', why: `status ${status} ${response.statusText}`.trim() }
  const resumed = status === 206 && startOf(response) === existing
  if (status === 206 && !resumed)
    return { kind: 'refused', why: 'status 206, but not the range that was asked for' }
  const start = resumed ? existing : 0
  const total = totalOf(response, start)
  if (total !== undefined && total > wanted.maxBytes)
    return { kind: 'refused', why: `${total} bytes are more than maxBytes, ${wanted.maxBytes}` }
  from.validator = validatorOf(response)
  const received = await write(body, start, total, patience, wanted)
  if (received > wanted.maxBytes)
    return { kind: 'refused', why: `more than maxBytes, ${wanted.maxBytes}, came` }
  if (total !== undefined && received !== total)
    return { kind: 'broken', why: `${received} of ${total} bytes came` }
  return { kind: 'done', resumed }
}

/** Returns how many bytes are here then; stops after `maxBytes`. */
async function write(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  start: number,
  total: number | undefined,
  patience: Patience,
  { store, file, maxBytes, onProgress }: Download,
): Promise<number> {
  const part = await store.openPart(start > 0).catch(fail)
  const reader = body.getReader()
  let received = start
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      patience.renew()
      received += next.value.length
      if (received > maxBytes) break
      await part.write(next.value).catch(fail)
      onProgress?.({ file, received, total })
    }
  } finally {
    await reader.cancel().catch(() => undefined)
    await part.close().catch(fail)
  }
  return received
}

/** A disk that is full or may not be written to: no other address helps. */
class StoreFailure extends Error {
  as({ operation, store }: Download): DownloadError {
    return new DownloadError(`${operation}: ${store.place}: ${reason(this.cause)}`, { cause: this.cause })
  }
}

function fail(cause: unknown): never {
  throw new StoreFailure('', { cause })
}

function startOf(response: Response): number {
  return Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? -1)
}

/** Unknown of a body that was compressed on the way: the length is that of the compressed one. */
function totalOf({ headers }: Response, start: number): number | undefined {
  const coding = headers.get('content-encoding') ?? 'identity'
  const remaining = headers.get('content-length')
  return remaining === null || coding !== 'identity' ? undefined : start + Number(remaining)
}

/** Of the two that `If-Range` takes; a weak ETag is none. */
function validatorOf({ headers }: Response): string | undefined {
  const etag = headers.get('etag')
  if (etag !== null && !etag.startsWith('W/')) return etag
  return headers.get('last-modified') ?? undefined
}
