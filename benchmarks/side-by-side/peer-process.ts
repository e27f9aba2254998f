import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Peer } from './peers.ts'
import { MARK, type Reply, type Request } from './protocol.ts'

const child = fileURLToPath(new URL('child.ts', import.meta.url))
const torch = fileURLToPath(new URL('pytorch.py', import.meta.url))

/** The process of one peer, started with the first request and again after it was ended. */
export class PeerProcess {
  readonly #peer: Peer
  readonly #threads: number
  #process: ChildProcessWithoutNullStreams | undefined
  #answer: ((reply: Reply) => void) | undefined

  constructor(peer: Peer, threads: number) {
    this.#peer = peer
    this.#threads = threads
  }

  /**
   * Never rejects: what goes wrong is an `error` in the reply. Past `limit` milliseconds the process is
   * ended.
   */
  async ask(request: Request, limit: number): Promise<Reply> {
    this.#process ??= this.#start()
    if (!this.#process) return { error: 'not installed: BADAK_BENCH_PYTHON names no Python with torch' }
    const { stdin } = this.#process
    let timer: NodeJS.Timeout | undefined
    const reply = await new Promise<Reply>((resolve) => {
      this.#answer = resolve
      timer = setTimeout(() => resolve({ error: `takes longer than ${Math.round(limit / 1000)} s` }), limit)
      stdin.write(`${JSON.stringify(request)}\n`)
    })
    clearTimeout(timer)
    this.#answer = undefined
    if (reply.error !== undefined) this.end()
    return reply
  }

  end(): void {
    this.#process?.kill('SIGKILL')
    this.#process = undefined
  }

  #start(): ChildProcessWithoutNullStreams | undefined {
    const started = this.#peer.library === 'torch' ? this.#startTorch() : this.#startNode()
    if (!started) return undefined
    let complaint = ''
    started.stderr.on('data', (text: Buffer) => (complaint = (complaint + text.toString()).slice(-2000)))
    started.stdin.on('error', () => {})
    createInterface({ input: started.stdout }).on('line', (line) => {
      if (line.startsWith(MARK)) this.#answer?.(JSON.parse(line.slice(MARK.length)) as Reply)
    })
    const fail = (reason: string): void => {
      if (this.#process === started) this.#answer?.({ error: reason })
    }
    started.on('error', ({ message }) => fail(message))
    started.on('close', (status, signal) => fail(`ended with ${signal ?? status}: ${lastLine(complaint)}`))
    return started
  }

  #startNode(): ChildProcessWithoutNullStreams {
    const { name, library } = this.#peer
    return spawn(process.execPath, [...process.execArgv, child, name, library, String(this.#threads)])
  }

  #startTorch(): ChildProcessWithoutNullStreams | undefined {
    const python = process.env['BADAK_BENCH_PYTHON']
    if (!python) return undefined
    return spawn(python, [torch, this.#peer.name, String(this.#threads)])
  }
}

function lastLine(text: string): string {
  return (
    text
      .trim()
      .split('\n')
      .findLast((line) => line.trim() !== '' && !line.startsWith('Node.js')) ?? ''
  )
}
