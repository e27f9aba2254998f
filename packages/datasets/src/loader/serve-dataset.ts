import type { Dataset, Draw } from '../dataset.ts'
import { SampleError } from '../dataset-errors.ts'
import { ArrayPool, toArrays } from '../host-batch.ts'
import { parentPort } from './worker-port.ts'

/** What is said to a worker. */
export type Command =
  | { readonly open: unknown }
  | {
      readonly gather: number
      readonly indices: Int32Array
      readonly draw: Draw | undefined
      /** Arrays to be used again. */
      readonly buffers: readonly ArrayBuffer[]
    }

/** What a worker says. */
export type Answer =
  | { readonly opened: number }
  | { readonly gathered: number; readonly batch: unknown }
  | { readonly failed: number | 'open'; readonly error: Described }

/** An error that crosses from thread to thread. */
export interface Described {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly index: number | undefined
}

/**
 * Makes the batches of a data set that a `workerDataset` of another thread asks for: the one call in the module of a
 * worker.
 *
 * @param open makes the data set; `options` are those of `workerDataset`
 * @throws BadakError when this is not a worker
 * @example
 * ```ts
 * // data-worker.ts
 * serveDataset(async ({ directory }: { directory: string }) =>
 *   sampleDataset(await readSamples(directory), {
 *     transform: compose([randomResizedCrop(224), randomHorizontalFlip()]),
 *     collate: stackSamples(imagenetStatistics),
 *   }),
 * )
 * ```
 */
export function serveDataset<Options, Batch>(
  open: (options: Options) => Dataset<Batch> | Promise<Dataset<Batch>>,
): void {
  const port = parentPort<Command>('serveDataset')
  const pool = new ArrayPool(4)
  let opening: Promise<Dataset<Batch>> | undefined
  let last = Promise.resolve()
  const say = (answer: Answer, transfer: ArrayBuffer[] = []): void => port.postMessage(answer, transfer)

  const gather = async (id: number, indices: Int32Array, draw: Draw | undefined): Promise<void> => {
    const dataset = await opening!
    if (dataset.gatherArrays) {
      const batch = await dataset.gatherArrays(indices, draw, pool.allocate)
      say({ gathered: id, batch }, pool.lentTo(batch))
    } else {
      say({ gathered: id, batch: await toArrays(await dataset.gatherBatch(indices, draw)) })
    }
  }

  port.listen((command) => {
    if ('open' in command) {
      opening = (async () => open(command.open as Options))()
      opening.then(
        ({ length }) => say({ opened: length }),
        (error: unknown) => say({ failed: 'open', error: described(error) }),
      )
      return
    }
    const { gather: id, indices, draw, buffers } = command
    for (const buffer of buffers) pool.recycle(buffer)
    // One after another: side by side, the first of them would be ready no sooner than the last.
    last = last
      .then(() => gather(id, indices, draw))
      .catch((error: unknown) => say({ failed: id, error: described(error) }))
  })
}

function described(error: unknown): Described {
  if (!(error instanceof Error))
    return { name: 'Error', message: String(error), stack: undefined, index: undefined }
  const { name, message, cause } = error
  const stack = cause instanceof Error ? cause.stack : error.stack
  return { name, message, stack, index: error instanceof SampleError ? error.index : undefined }
}
