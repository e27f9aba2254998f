import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server on this machine whose answers a test decides. */
export class FileServer {
  /** The `Range` of each request. */
  readonly requests: (string | undefined)[] = []
  answer: (request: IncomingMessage, response: ServerResponse) => void
  readonly #server = createServer((request, response) => {
    this.requests.push(request.headers.range)
    this.answer(request, response)
  })

  constructor(content: Uint8Array, headers: Record<string, string> = {}) {
    this.answer = serveRanges(content, headers)
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async start(): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done))
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((done) => this.#server.close(done))
  }
}

/** The content, or the range of it that is asked for. */
export function serveRanges(content: Uint8Array, headers: Record<string, string> = {}): FileServer['answer'] {
  return (request, response) => {
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
    if (!range)
      return void response.writeHead(200, { ...headers, 'content-length': content.length }).end(content)
    const start = Number(range[1])
    const end = Math.min(range[2] ? Number(range[2]) + 1 : Infinity, content.length)
    if (start >= content.length)
      return void response.writeHead(416, { ...headers, 'content-range': `bytes */${content.length}` }).end()
    const where = `bytes ${start}-${end - 1}/${content.length}`
    response.writeHead(206, { ...headers, 'content-range': where, 'content-length': end - start })
    response.end(content.subarray(start, end))
  }
}
