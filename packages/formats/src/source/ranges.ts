import { DownloadError } from '../fetch/errors.ts'
import { chunksOf } from '../fetch/store.ts'
import { type OpenFile, reason } from '../files.node.ts'

/** What is fetched at first; the headers of most files lie in it. */
const FIRST = 2 ** 16

/**
 * A file on a server, of which only the parts that are asked for are fetched.
 *
 * @throws DownloadError when the server does not answer, sends no ranges, or the file changes between two of them
 */
export async function openRanges(address: string, operation: string): Promise<OpenFile> {
  const refuse = (why: string, cause?: unknown): never => {
    throw new DownloadError(`${operation}: ${address}: ${why}`, { cause })
  }
  const first = await request(address, 0, FIRST, refuse)
  // Of an empty file there is no range; its size is told all the same.
  const size = sizeOf(first.response)
  if (size === undefined) {
    await first.response.body?.cancel()
    return refuse('the server sends no ranges: read the whole file, with fetchFile')
  }
  const start = size === 0 ? new Uint8Array(0) : await first.bytes(Math.min(FIRST, size))
  const validator = first.response.headers.get('etag') ?? first.response.headers.get('last-modified')
  return {
    name: address,
    size,
    async read(offset, length) {
      // No range is empty.
      if (length === 0) return new Uint8Array(0)
      if (offset + length <= start.length) return start.slice(offset, offset + length)
      if (offset + length > size) return refuse(`the file ends early (offset ${size})`)
      const { response, bytes } = await request(address, offset, length, refuse)
      const now = response.headers.get('etag') ?? response.headers.get('last-modified')
      if (sizeOf(response) !== size || now !== validator) {
        await response.body?.cancel()
        return refuse('the file has changed while it was read')
      }
      return bytes(length)
    },
    close: async () => undefined,
  }
}

type Refuse = (why: string, cause?: unknown) => never

interface Answer {
  readonly response: Response
  /** The body, which must be so long. */
  bytes(length: number): Promise<Uint8Array<ArrayBuffer>>
}

async function request(address: string, offset: number, length: number, refuse: Refuse): Promise<Answer> {
  const headers = { range: `bytes=${offset}-${offset + length - 1}`, 'accept-encoding': 'identity' }
  const response = await fetch(address, { headers }).catch((error: unknown) =>
    refuse(reason((error as { cause?: unknown }).cause ?? error), error),
  )
  const { status, statusText } = response
  if (!response.ok && status !== 416) refuse(`status ${status} ${statusText}`.trim())
  return { response, bytes: (count) => take(response, count, refuse) }
}

async function take(response: Response, count: number, refuse: Refuse): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count)
  let filled = 0
  try {
    for await (const chunk of chunksOf(response.body!)) {
      if (filled + chunk.length > count)
        return refuse(`more than the ${count} bytes that were asked for came`)
      bytes.set(chunk, filled)
      filled += chunk.length
    }
  } catch (error) {
    if (error instanceof DownloadError) throw error
    return refuse(reason(error), error)
  }
  if (filled < count) refuse(`${filled} of ${count} bytes came`)
  return bytes
}

/** Of the whole file, as an answer with a range tells it. */
function sizeOf({ status, headers }: Response): number | undefined {
  const range = headers.get('content-range') ?? ''
  const total = /^bytes (?:\d+-\d+|\*)\/(\d+)$/.exec(range)?.[1]
  if (total === undefined || (status !== 206 && !(status === 416 && total === '0'))) return undefined
  return Number(total)
}
