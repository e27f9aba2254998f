import { BadakError } from '@badak/tensor'

/** A worker of `node:worker_threads` or of a browser. */
export interface WorkerLike {
  /** Sends a message to its module; the buffers go over rather than being copied. */
  postMessage(message: unknown, transfer: ArrayBuffer[]): void
  /** Ends it. */
  terminate(): unknown
  /** In Node, Deno and Bun. */
  on?(event: 'message' | 'error' | 'exit', listener: (value: unknown) => void): unknown
  /** In browsers. */
  addEventListener?(event: 'message' | 'error', listener: (event: unknown) => void): void
  /** In Node: the program goes on while the worker runs. */
  ref?(): void
  /** In Node: the program may end although the worker runs. */
  unref?(): void
}

/** Listens to a worker: what it says, and that it has ended. */
export function listenTo(
  worker: WorkerLike,
  said: (message: unknown) => void,
  ended: (why: string) => void,
): void {
  if (worker.on) {
    worker.on('message', said)
    worker.on('error', (error) => ended((error as Error).message))
    worker.on('exit', (code) => ended(`exit code ${String(code)}`))
  } else {
    worker.addEventListener!('message', (event) => said((event as { readonly data: unknown }).data))
    worker.addEventListener!('error', (event) => ended((event as Partial<Error>).message ?? 'no reason'))
  }
}

/** The side of a worker on which its module is. */
export interface Port<Said> {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void
  listen(listener: (message: Said) => void): void
}

/** The port to whom made this worker. @throws BadakError when this is not one */
export function parentPort<Said>(operation: string): Port<Said> {
  const port = globalThis.process?.getBuiltinModule?.('node:worker_threads')?.parentPort
  if (port) {
    return {
      postMessage: (message, transfer) => port.postMessage(message, transfer),
      listen: (listener) => port.on('message', listener),
    }
  }
  const scope = globalThis as unknown as {
    readonly WorkerGlobalScope?: unknown
    postMessage(message: unknown, transfer: ArrayBuffer[]): void
    addEventListener(name: 'message', listener: (event: { readonly data: Said }) => void): void
  }
  if (!scope.WorkerGlobalScope) throw new BadakError(`${operation}: this is not a worker`)
  return {
    postMessage: (message, transfer) => scope.postMessage(message, transfer),
    listen: (listener) => scope.addEventListener('message', ({ data }) => listener(data)),
  }
}
