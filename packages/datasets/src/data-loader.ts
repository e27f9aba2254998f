import { defaultGenerator, Generator, ValueError } from '@badak/tensor'
import type { Dataset } from './dataset.ts'

/** How a `DataLoader` cuts a data set into batches, and in which order. */
export interface DataLoaderOptions {
  /** Samples per batch. */
  batchSize: number
  /** Whether each epoch visits the samples in an order of its own; default false. */
  shuffle?: boolean
  /** Fixes the orders; default: drawn once from `generator`. */
  seed?: number
  /** Where the seed is drawn from when none is given; default: the generator that `seed()` sets. */
  generator?: Generator
  /** Whether a last batch that is not full is left out; default false. */
  dropLast?: boolean
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
 * leaves an epoch: the next `for await` begins a new one, unless `restore` was called before it.
 *
 * @throws ValueError when `batchSize` is not a positive integer
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
  readonly #shuffle: boolean
  readonly #dropLast: boolean
  #seed: number
  #epoch = 0
  #position = 0
  /** The next iteration continues the present epoch rather than beginning one. */
  #resuming = true

  constructor(dataset: Dataset<Batch>, options: DataLoaderOptions) {
    const { batchSize, shuffle = false, seed, generator = defaultGenerator, dropLast = false } = options
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new ValueError(`DataLoader: batchSize must be a positive integer: ${batchSize}`)
    }
    this.dataset = dataset
    this.batchSize = batchSize
    this.#shuffle = shuffle
    this.#dropLast = dropLast
    this.#seed = checkSeed('DataLoader', seed ?? (shuffle ? generator.integers(2 ** 31) : 0))
  }

  /** Batches in an epoch. */
  get length(): number {
    const batches = this.dataset.length / this.batchSize
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
    if (position > this.dataset.length) {
      throw new ValueError(
        `DataLoader.restore: position ${position} is beyond the ${this.dataset.length} samples`,
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
    const order = this.#order(epoch)
    const end = this.#dropLast ? order.length - (order.length % this.batchSize) : order.length
    for (let position = this.#position; position < end;) {
      const next = Math.min(position + this.batchSize, end)
      const batch = await this.dataset.gatherBatch(order.subarray(position, next))
      position = next
      this.#position = position
      yield batch
    }
    this.#beginEpoch(epoch + 1)
    this.#resuming = true
  }

  #beginEpoch(epoch: number): void {
    this.#epoch = epoch
    this.#position = 0
  }

  #order(epoch: number): Int32Array {
    const { length } = this.dataset
    if (!this.#shuffle) return Int32Array.from({ length }, (_, i) => i)
    // A key of its own for every (seed, epoch): their Philox streams are independent.
    return new Generator(BigInt(this.#seed) + (BigInt(epoch) << 32n)).permutation(length)
  }
}

function checkSeed(operation: string, seed: number): number {
  if (Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32) return seed
  throw new ValueError(`${operation}: seed must be an integer from 0 to 2^32 - 1: ${seed}`)
}
