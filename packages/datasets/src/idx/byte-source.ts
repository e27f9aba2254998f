import { DownloadError } from '@badak/formats'
import { FormatError } from '@badak/tensor'
import { isPath, openFile } from '../files.node.ts'

/** Bytes that come in pieces. */
export interface ByteSource {
  /** A path or an address, for errors. */
  readonly place: string
  /** How many bytes will come, where that is known beforehand. */
  readonly size: number | undefined
  readonly chunks: AsyncIterable<Uint8Array>
}

/** Bytes of a file (Node), an address, a Blob, a stream or an array. */
export async function openBytes(
  source: string | URL | Blob | ReadableStream<Uint8Array> | Uint8Array,
  operation: string,
): Promise<ByteSource> {
  if (source instanceof Uint8Array) return { place: 'bytes', size: source.length, chunks: once(source) }
  if (source instanceof ReadableStream) return { place: 'stream', size: undefined, chunks: chunksOf(source) }
  if (source instanceof Blob) return { place: 'blob', size: source.size, chunks: chunksOf(source.stream()) }
  if (isPath(source)) return openFile(source, operation)
  return openAddress(source, operation)
}

async function openAddress(address: string | URL, operation: string): Promise<ByteSource> {
  const response = await fetch(address).catch((cause: unknown) => {
    throw new DownloadError(`${operation}: ${address}: no answer`, { cause })
  })
  if (!response.ok || response.body === null) {
    throw new DownloadError(
      `${operation}: ${address}: the server answered ${response.status} ${response.statusText}`,
    )
  }
  return { place: `${address}`, size: undefined, chunks: chunksOf(response.body) }
}

/** The same bytes, decompressed if they are a gzip stream, which their first two bytes tell. */
export async function decompress(source: ByteSource, operation: string): Promise<ByteSource> {
  const iterator = source.chunks[Symbol.asyncIterator]()
  let start = new Uint8Array(0)
  while (start.length < 2) {
    const { done, value } = await iterator.next()
    if (done) break
    start = concatenate([start, value])
  }
  const chunks = startingWith(start, iterator)
  if (start[0] !== 0x1f || start[1] !== 0x8b) return { ...source, chunks }
  return { place: source.place, size: undefined, chunks: gunzip(chunks, source.place, operation) }
}

async function* gunzip(
  chunks: AsyncIterable<Uint8Array>,
  place: string,
  operation: string,
): AsyncGenerator<Uint8Array> {
  const plain = streamOf(chunks).pipeThrough(
    new DecompressionStream('gzip') as TransformStream<Uint8Array, Uint8Array>,
  )
  try {
    yield* chunksOf(plain)
  } catch (cause) {
    if (cause instanceof FormatError) throw cause
    throw new FormatError(`${operation}: ${place}: broken or truncated gzip stream`, { cause })
  }
}

export function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function* startingWith(start: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield start
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}

/** Not `for await` over the stream itself, which Safari lacks. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** Not `ReadableStream.from`, which only Node and Firefox have. */
function streamOf(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await iterator.return?.()
    },
  })
}
