import { defaultGenerator, type Generator, ValueError } from '@badak/tensor'
import type { Dataset, Draw } from './dataset.ts'
import { randomSampler, type Sampler, sequentialSampler } from './loader/samplers.ts'

/** How a `DataLoader` cuts a data set into batches, and in which order. */
export interface DataLoaderOptions {
  /** Samples per batch. */
  batchSize: number
  /** Whether each epoch visits the samples in an order of its own; default false. */
  shuffle?: boolean
  /** Which samples an epoch visits and in which order, rather than all of them. */
  sampler?: Sampler
  /** Fixes the orders and the augmentation; default: drawn once from `generator`, 0 where nothing is random. */
  seed?: number
  /** Where the seed is drawn from when none is given; default: the generator that `seed()` sets. */
  generator?: Generator
  /** Whether a last batch that is not full is left out; default false. */
  dropLast?: boolean
  /**
   * How many batches are made ready before they are asked for, at most. Default: two for each worker of a
   * `workerDataset`, otherwise 0. Others than those of workers are made in this thread: it helps where they wait
   * for files.
   */
  prefetch?: number
}

/** Where a `DataLoader` stands; plain JSON. */
export interface DataLoaderState {
  readonly seed: number
  /** Epochs finished, or begun and left. */
  readonly epoch: number
  /** Samples of this epoch that have been handed out. */
  readonly position: number
}

/**
 * Hands out a data set in batches, epoch after epoch: each `for await` is one epoch.
 *
 * The order of an epoch is a function of the seed and the epoch's number alone, so `restore(state())`
 * continues, in this process or in another, with exactly the batches that would have come next. `break`
 * leaves an epoch: the next `for await` begins a new one, unless `restore` was called before it. It also ends
 * the workers of the data set, if it has any.
 *
 * @throws ValueError when `batchSize` is not a positive integer, `prefetch` is no count, or there are both
 *   `shuffle` and a `sampler`
 *
 * @example
 * ```ts
 * const loader = new DataLoader(await mnist('train'), { batchSize: 100, shuffle: true, seed: 7 })
 * for await (const { x, t } of loader) console.log(x.shape, t.shape)
 * ```
 */
export class DataLoader<Batch> implements AsyncIterable<Batch> {
  readonly dataset: Dataset<Batch>
  readonly batchSize: number
  readonly #sampler: Sampler
  readonly #dropLast: boolean
  readonly #prefetch: number
  #seed: number
  #epoch = 0
  #position = 0
  /** The next iteration continues the present epoch rather than beginning one. */
  #resuming = true

  constructor(dataset: Dataset<Batch>, options: DataLoaderOptions) {
    const {
      batchSize,
      shuffle = false,
      sampler,
      seed,
      generator = defaultGenerator,
      dropLast = false,
    } = options
    const { prefetch = 2 * (dataset.parallel ?? 0) } = options
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new ValueError(`DataLoader: batchSize must be a positive integer: ${batchSize}`)
    }
    if (!Number.isInteger(prefetch) || prefetch < 0) {
      throw new ValueError(`DataLoader: prefetch must be a count: ${prefetch}`)
    }
    if (shuffle && sampler) throw new ValueError('DataLoader: a sampler says the order itself: shuffle: true')
    this.dataset = dataset
    this.batchSize = batchSize
    this.#sampler = sampler ?? (shuffle ? randomSampler : sequentialSampler)(dataset.length)
    this.#dropLast = dropLast
    this.#prefetch = prefetch
    const random = shuffle || sampler || dataset.random
    this.#seed = checkSeed('DataLoader', seed ?? (random ? generator.integers(2 ** 31) : 0))
  }

  /** Batches in an epoch. */
  get length(): number {
    const batches = this.#sampler.length / this.batchSize
    return this.#dropLast ? Math.floor(batches) : Math.ceil(batches)
  }

  /** Where the loader stands: within a loop, after the batch that was handed out last. */
  state(): DataLoaderState {
    return { seed: this.#seed, epoch: this.#epoch, position: this.#position }
  }

  /**
   * Continues from `state` with the next iteration.
   *
   * @throws ValueError when a number is not a count, or `position` is beyond the data set
   */
  restore({ seed, epoch, position }: DataLoaderState): void {
    checkSeed('DataLoader.restore', seed)
    for (const [name, value] of Object.entries({ epoch, position })) {
      if (!Number.isSafeInteger(value) || value < 0) {
        throw new ValueError(`DataLoader.restore: ${name} must be a count: ${value}`)
      }
    }
    if (position > this.#sampler.length) {
      throw new ValueError(
        `DataLoader.restore: position ${position} is beyond the ${this.#sampler.length} samples`,
      )
    }
    this.#seed = seed
    this.#epoch = epoch
    this.#position = position
    this.#resuming = true
  }

  /** The batches of the next epoch; after `restore`, those that remain of its epoch. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Batch, void, undefined> {
    if (!this.#resuming) this.#beginEpoch(this.#epoch + 1)
    this.#resuming = false
    const epoch = this.#epoch
    const { end, ask } = this.#requests(epoch)
    const asked: Promise<Batch>[] = []
    let position = this.#position
    let next = position
    const askAhead = (batches: number): void => {
      for (; asked.length < batches && next < end; next = Math.min(next + this.batchSize, end)) {
        const batch = ask(next, Math.min(next + this.batchSize, end))
        // It may fail before its turn, or never be awaited.
        batch.catch(() => {})
        asked.push(batch)
      }
    }
    try {
      while (position < end) {
        askAhead(1)
        const batch = await asked.shift()!
        position = Math.min(position + this.batchSize, end)
        this.#position = position
        askAhead(this.#prefetch)
        yield batch
      }
    } finally {
      if (position < end) this.close()
    }
    this.#beginEpoch(epoch + 1)
    this.#resuming = true
  }

  /** Ends the workers of the data set, if it has any; the next loop starts them again. */
  close(): void {
    this.dataset.release?.()
  }

  #beginEpoch(epoch: number): void {
    this.#epoch = epoch
    this.#position = 0
  }

  /** Where an epoch ends, and how its batches are asked for. */
  #requests(epoch: number): { end: number; ask: (from: number, to: number) => Promise<Batch> } {
    const seed = this.#seed
    const order = this.#sampler.order({ seed, epoch })
    const occurrences = occurrencesIn(order, this.dataset.length)
    const end = this.#dropLast ? order.length - (order.length % this.batchSize) : order.length
    const ask = async (from: number, to: number): Promise<Batch> => {
      const draw: Draw = { seed, epoch, ...(occurrences && { occurrences: occurrences.slice(from, to) }) }
      return this.dataset.gatherBatch(order.subarray(from, to), draw)
    }
    return { end, ask }
  }
}

/** How often each sample of an order was in it before; undefined where none repeats. */
function occurrencesIn(order: Int32Array, samples: number): Int32Array | undefined {
  const counts = new Int32Array(samples)
  const occurrences = order.map((index) => counts[index]!++)
  return occurrences.some((count) => count > 0) ? occurrences : undefined
}

function checkSeed(operation: string, seed: number): number {
  if (Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32) return seed
  throw new ValueError(`${operation}: seed must be an integer from 0 to 2^32 - 1: ${seed}`)
}
