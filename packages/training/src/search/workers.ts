import { BadakError, NumericError } from '@badak/tensor'
import type { ParameterValue } from './space.ts'
import type { Objective, RunningTrial } from './trial.ts'

/** A worker of `node:worker_threads` or of a browser. */
export interface WorkerLike {
  /** Sends a message to its module. */
  postMessage(message: unknown): void
  /** Ends it. */
  terminate(): unknown
  /** In Node, Deno and Bun. */
  on?(event: 'message' | 'error' | 'exit', listener: (value: unknown) => void): unknown
  /** In browsers. */
  addEventListener?(event: 'message' | 'error', listener: (event: unknown) => void): void
}

type Values = Readonly<Record<string, ParameterValue>>

/** What the search says to a worker. */
type Command =
  | { readonly run: { readonly number: number; readonly seed: number; readonly parameters: Values } }
  | { readonly goOn: boolean }

/** What a worker says to the search. */
type Answer =
  | { readonly report: readonly [progress: number, value: number] }
  | { readonly value: number }
  | { readonly error: { readonly name: string; readonly message: string } }

interface Port {
  postMessage(message: unknown): void
  listen(listener: (message: Command) => void): void
}

/**
 * Runs the trials of a search that is going on in another thread: the one call in the module of a worker.
 *
 * @example
 * ```ts
 * // objective.ts
 * serveObjective(async ({ lr }: { lr: number }, trial) => {
 *   configure({ threads: 1 })
 *   seed(trial.seed)
 *   return trainAndValidate(lr)
 * })
 * ```
 */
export function serveObjective<P extends Values>(objective: Objective<P>): void {
  const port = parentPort()
  let decide: ((goOn: boolean) => void) | undefined
  port.listen((command) => {
    if ('goOn' in command) return decide?.(command.goOn)
    const { number, seed, parameters } = command.run
    const trial: RunningTrial = {
      number,
      seed,
      report(progress, value) {
        port.postMessage({ report: [progress, value] } satisfies Answer)
        return new Promise((resolve) => (decide = resolve))
      },
    }
    void Promise.resolve()
      .then(() => objective(parameters as P, trial))
      .then(
        (value) => port.postMessage({ value } satisfies Answer),
        (error: unknown) => port.postMessage({ error: described(error) } satisfies Answer),
      )
  })
}

/** An objective whose trials run in a worker, one at a time; a worker that has ended is replaced. */
export function inWorker(create: () => WorkerLike): { readonly objective: Objective<Values>; close(): void } {
  let worker: WorkerLike | undefined
  let answered: ((answer: Answer) => void) | undefined
  const start = (): WorkerLike => {
    const fresh = create()
    const failed = (message: string): void => {
      if (worker === fresh) worker = undefined
      answered?.({ error: { name: 'BadakError', message: `search: a worker has ended: ${message}` } })
    }
    if (fresh.on) {
      fresh.on('message', (answer) => answered?.(answer as Answer))
      fresh.on('error', (error) => failed((error as Error).message))
      fresh.on('exit', (code) => failed(`exit code ${String(code)}`))
    } else {
      fresh.addEventListener!('message', (event) => answered?.((event as { readonly data: Answer }).data))
      fresh.addEventListener!('error', (event) => failed((event as Partial<Error>).message ?? 'no reason'))
    }
    return fresh
  }
  const objective: Objective<Values> = (parameters, { number, seed, report }) => {
    const running = (worker ??= start())
    return new Promise<number>((resolve, reject) => {
      answered = (answer) => {
        if ('report' in answer) {
          report(...answer.report).then((goOn) => running.postMessage({ goOn } satisfies Command), reject)
          return
        }
        answered = undefined
        if ('value' in answer) resolve(answer.value)
        else reject(revived(answer.error))
      }
      running.postMessage({ run: { number, seed, parameters } } satisfies Command)
    })
  }
  return {
    objective,
    close() {
      answered = undefined
      void worker?.terminate()
      worker = undefined
    },
  }
}

function parentPort(): Port {
  const threads = globalThis.process?.getBuiltinModule?.('node:worker_threads')
  if (threads?.parentPort) {
    const { parentPort: port } = threads
    return {
      postMessage: (message) => port.postMessage(message),
      listen: (listener) => port.on('message', listener),
    }
  }
  const scope = globalThis as unknown as {
    readonly WorkerGlobalScope?: unknown
    postMessage(message: unknown): void
    addEventListener(name: 'message', listener: (event: { readonly data: Command }) => void): void
  }
  if (!scope.WorkerGlobalScope) throw new BadakError('serveObjective: this is not a worker')
  return {
    postMessage: (message) => scope.postMessage(message),
    listen: (listener) => scope.addEventListener('message', ({ data }) => listener(data)),
  }
}

function described(error: unknown): { readonly name: string; readonly message: string } {
  if (error instanceof Error) return { name: error.name, message: error.message }
  return { name: 'Error', message: String(error) }
}

function revived({ name, message }: { readonly name: string; readonly message: string }): Error {
  if (name === 'NumericError') return new NumericError(message)
  return name === 'BadakError' ? new BadakError(message) : new Error(message)
}
