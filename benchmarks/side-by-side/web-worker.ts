import { Worker as Thread } from 'node:worker_threads'

const prelude = `
const { parentPort } = require('node:worker_threads')
globalThis.self = globalThis
globalThis.postMessage = (message) => parentPort.postMessage(message)
parentPort.on('message', (data) => self.onmessage({ data }))
`

/** As much of a browser's `Worker` as a library that starts one from a Blob needs. */
class WebWorker {
  onmessage: ((event: { data: unknown }) => void) | undefined
  onerror: ((event: { message: string }) => void) | undefined
  readonly #thread: Promise<Thread>

  constructor(url: string) {
    this.#thread = fetch(url).then(async (response) => {
      const thread = new Thread(prelude + (await response.text()), { eval: true })
      thread.on('message', (data: unknown) => this.onmessage?.({ data }))
      thread.on('error', (error) => this.onerror?.({ message: String(error) }))
      thread.unref()
      return thread
    })
  }

  postMessage(message: unknown): void {
    void this.#thread.then((thread) => thread.postMessage(message))
  }

  terminate(): void {
    void this.#thread.then((thread) => thread.terminate())
  }
}

/**
 * Gives libraries written for browsers what they make threads of, and tells them how many cores there are.
 */
export function provideWebWorkers(cores: number): void {
  Object.assign(globalThis, { Worker: WebWorker })
  Object.defineProperty(navigator, 'hardwareConcurrency', { value: cores, configurable: true })
}
