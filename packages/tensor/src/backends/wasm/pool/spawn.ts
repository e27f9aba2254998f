import { workerThreads } from './features.ts'
import { createRuntime, type RuntimeOptions } from './runtime.ts'

/** Another thread that serves. */
export interface Thread {
  end(): void
}

/** What a thread is started with, and what it tells. */
export interface ThreadStart {
  readonly options: RuntimeOptions
  readonly conducts: boolean
  /** A run that it conducted is over. */
  readonly onReport: (error: string | undefined) => void
  /** The thread could not start, or has crashed. */
  readonly onCrash: (reason: string) => void
}

/** The program of a thread, to which its start and a way to report are still to be given. */
const program = (): string =>
  `const serve = ({ options, conducts }, report) => (${createRuntime.toString()})(options)` +
  '.serve(conducts, (error) => report({ error }));'

/** Starts a thread, which may come up at any later time. undefined where there are no threads. */
export function spawn(start: ThreadStart): Thread | undefined {
  const node = workerThreads()
  if (node !== undefined) return spawnNode(node.Worker, start)
  if (typeof Worker !== 'undefined') return spawnWeb(start)
  return undefined
}

function spawnNode(NodeWorker: typeof import('node:worker_threads').Worker, start: ThreadStart): Thread {
  const { options, conducts } = start
  const source =
    `${program()} const { workerData, parentPort } = require('node:worker_threads');` +
    'serve(workerData, (message) => parentPort.postMessage(message));'
  const worker = new NodeWorker(source, { eval: true, workerData: { options, conducts }, execArgv: [] })
  worker.on('error', (error) => start.onCrash(String(error)))
  worker.on('message', ({ error }: { error: string | undefined }) => start.onReport(error))
  worker.unref()
  return { end: () => void worker.terminate() }
}

function spawnWeb(start: ThreadStart): Thread {
  const { options, conducts } = start
  const source = `${program()} onmessage = ({ data }) => serve(data, (message) => postMessage(message));`
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
  const worker = new Worker(url)
  worker.addEventListener('error', (event) =>
    start.onCrash(event.message || 'the browser refused to start a worker'),
  )
  worker.addEventListener('message', ({ data }: MessageEvent<{ error: string | undefined }>) =>
    start.onReport(data.error),
  )
  worker.postMessage({ options, conducts })
  URL.revokeObjectURL(url)
  return { end: () => worker.terminate() }
}
