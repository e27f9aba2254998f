import { BadakError, ValueError } from '@badak/tensor'
import { SampleError } from '../dataset-errors.ts'
import type { Dataset, Draw } from '../dataset.ts'
import { isHostArray, toTensor, toTensors } from '../host-batch.ts'
import type { Answer, Command, Described } from './serve-dataset.ts'
import { listenTo, type WorkerLike } from './worker-port.ts'

/** How many workers there are, and what they are told. */
export interface WorkerDatasetOptions {
  /** Default 2. */
  readonly workers?: number
  /** Told to `serveDataset` in each of them: anything that can be sent to a worker. */
  readonly options?: unknown
}

/** A data set whose batches are made in other threads. */
export interface WorkerDataset<Batch> extends Dataset<Batch> {
  readonly parallel: number
  /** Ends the workers; a batch that is asked for later starts them again. */
  release(): void
}

/**
 * A data set whose batches are made in workers, by the module that calls `serveDataset`. They come to this thread
 * without being copied, and their arrays go back to be used again.
 *
 * The number of workers changes nothing but the speed. A loop over a `DataLoader` that is left early ends the
 * workers, and so does `close()` of the loader; after a loop that came to its end they wait for the next one. In
 * Node, workers that wait do not keep the program from ending.
 *
 * @param create makes a worker
 * @param options
 * @throws ValueError unless workers is an integer from 1
 * @throws BadakError when a worker ends, or its module fails to open the data set
 * @example
 * ```ts
 * const module = new URL('./data-worker.ts', import.meta.url)
 * const train = await workerDataset<ImageBatch>(() => new Worker(module), { workers: 2 })
 * const loader = new DataLoader(train, { batchSize: 100, shuffle: true })
 * for await (const { x, t } of loader) …
 * loader.close()
 * ```
 */
export async function workerDataset<Batch>(
  create: () => WorkerLike,
  { workers = 2, options }: WorkerDatasetOptions = {},
): Promise<WorkerDataset<Batch>> {
  if (!Number.isInteger(workers) || workers < 1) {
    throw new ValueError(`workerDataset: workers must be an integer from 1: ${workers}`)
  }
  let team: BatchWorker[] = []
  const start = (): BatchWorker[] => {
    team = team.filter(({ ended }) => !ended)
    while (team.length < workers) team.push(new BatchWorker(create, options))
    return team
  }
  const release = (): void => {
    for (const worker of team) worker.end('it was closed')
    team = []
  }
  try {
    const lengths = await Promise.all(start().map(({ opened }) => opened))
    const length = lengths[0]!
    if (lengths.some((other) => other !== length)) {
      throw new BadakError(`workerDataset: the workers have data sets of different lengths: ${lengths}`)
    }
    return {
      length,
      // Nothing is known here of what the module does.
      random: true,
      parallel: workers,
      release,
      gatherBatch(indices, draw) {
        const idlest = start().reduce((best, worker) => (worker.pending < best.pending ? worker : best))
        return idlest.gather(indices, draw) as Promise<Batch>
      },
    }
  } catch (error) {
    release()
    throw error
  }
}

/** Settles a batch that a worker was asked for. */
interface Request {
  readonly resolve: (batch: unknown) => void
  readonly reject: (error: Error) => void
}

/** One worker, and what it was asked for. */
class BatchWorker {
  /** The length of its data set. */
  readonly opened: Promise<number>
  ended = false
  readonly #worker: WorkerLike
  readonly #requests = new Map<number | 'open', Request>()
  #next = 0
  /** Arrays that go back with the next request. */
  #buffers: ArrayBuffer[] = []

  constructor(create: () => WorkerLike, options: unknown) {
    this.#worker = create()
    listenTo(
      this.#worker,
      (answer) => this.#hear(answer as Answer),
      (why) => this.end(`a worker has ended: ${why}`),
    )
    this.opened = this.#ask('open', { open: options }, []) as Promise<number>
    // Whoever asks for a batch of it hears of it, too.
    this.opened.catch(() => {})
  }

  get pending(): number {
    return this.#requests.size
  }

  async gather(indices: Int32Array, draw: Draw | undefined): Promise<unknown> {
    const buffers = this.#buffers
    this.#buffers = []
    const id = this.#next++
    // A copy: what is sent of a part of an order is all of it.
    const batch = await this.#ask(id, { gather: id, indices: indices.slice(), draw, buffers }, buffers)
    return this.#receive(batch)
  }

  #receive(batch: unknown): unknown {
    if (isHostArray(batch) || batch === null || typeof batch !== 'object' || Array.isArray(batch)) {
      return toTensor(batch)
    }
    const tensors = toTensors(batch)
    for (const value of Object.values(batch)) {
      if (isHostArray(value) && value.data.buffer instanceof ArrayBuffer)
        this.#buffers.push(value.data.buffer)
    }
    return tensors
  }

  #ask(id: number | 'open', command: Command, transfer: ArrayBuffer[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#requests.set(id, { resolve, reject })
      this.#worker.ref?.()
      this.#worker.postMessage(command, transfer)
    })
  }

  #hear(answer: Answer): void {
    if ('failed' in answer) this.#settle(answer.failed, ({ reject }) => reject(revived(answer.error)))
    else if ('opened' in answer) this.#settle('open', ({ resolve }) => resolve(answer.opened))
    else this.#settle(answer.gathered, ({ resolve }) => resolve(answer.batch))
  }

  #settle(id: number | 'open', settle: (request: Request) => void): void {
    const request = this.#requests.get(id)
    this.#requests.delete(id)
    if (this.#requests.size === 0) this.#worker.unref?.()
    if (request) settle(request)
  }

  end(why: string): void {
    if (this.ended) return
    this.ended = true
    void this.#worker.terminate()
    for (const { reject } of this.#requests.values()) reject(new BadakError(`workerDataset: ${why}`))
    this.#requests.clear()
  }
}

function revived({ name, message, stack, index }: Described): Error {
  const cause = Object.assign(new Error(message), { name, stack })
  if (index !== undefined) return new SampleError(message, { index, cause })
  return new BadakError(message, { cause })
}
