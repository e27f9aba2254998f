import { defaultGenerator, Generator, ValueError } from '@badak/tensor'
import { epochKey } from '../augment/draws.ts'
import type { Sample } from '../augment/sample.ts'
import type { DataLoaderState } from '../data-loader.ts'
import type { TensorsOf } from '../host-batch.ts'
import type { Collate, Stacked } from './collate.ts'
import { sampleDataset, type SampleDatasetOptions } from './sample-dataset.ts'

/** The samples of an epoch, from the first on: a generator, a file that is read as it goes. */
export type Source<S> = (epoch: number) => Iterable<S> | AsyncIterable<S>

/** How a `StreamLoader` cuts a stream into batches. */
export interface StreamLoaderOptions<In, Out, Batch> extends SampleDatasetOptions<In, Out, Batch> {
  /** Samples per batch. */
  readonly batchSize: number
  /** From how many samples each one is drawn: a larger number mixes better, and holds more in memory. Default 1. */
  readonly shuffleBuffer?: number
  /** Fixes the order and the augmentation; default: drawn once from the generator that `seed()` sets. */
  readonly seed?: number
  /** Whether a last batch that is not full is left out; default false. */
  readonly dropLast?: boolean
  /** Which share of the samples is handed out, where processes train together; default: all. */
  readonly share?: { readonly rank: number; readonly worldSize: number }
}

/**
 * Hands out a stream in batches, for data that does not fit in memory or has no end: each `for await` is one epoch.
 *
 * `restore(state())` goes on in the middle of an epoch: the samples before are read again, but not transformed.
 *
 * @throws ValueError when a count is not one
 * @example
 * ```ts
 * const loader = new StreamLoader(readShards, { batchSize: 100, shuffleBuffer: 5000, transform })
 * for await (const { x, t } of loader) …
 * ```
 */
export class StreamLoader<
  In,
  Out = In,
  Batch extends object = In extends Sample ? Stacked<In> : never,
> implements AsyncIterable<TensorsOf<Batch>> {
  readonly batchSize: number
  readonly #source: Source<In>
  readonly #options: StreamLoaderOptions<In, Out, Batch>
  #seed: number
  #epoch = 0
  #position = 0
  #resuming = true

  constructor(source: Source<In>, options: StreamLoaderOptions<In, Out, Batch>) {
    const { batchSize, shuffleBuffer = 1, seed, share } = options
    for (const [name, value] of Object.entries({ batchSize, shuffleBuffer })) {
      if (!Number.isInteger(value) || value < 1) {
        throw new ValueError(`StreamLoader: ${name} must be a positive integer: ${value}`)
      }
    }
    if (share && !(Number.isInteger(share.rank) && share.rank >= 0 && share.rank < share.worldSize)) {
      throw new ValueError(`StreamLoader: rank must be an integer below ${share.worldSize}: ${share.rank}`)
    }
    this.#source = source
    this.#options = options
    this.batchSize = batchSize
    this.#seed = seed ?? defaultGenerator.integers(2 ** 31)
  }

  /** Where the loader stands: within a loop, after the batch that was handed out last. */
  state(): DataLoaderState {
    return { seed: this.#seed, epoch: this.#epoch, position: this.#position }
  }

  /** Continues from `state` with the next iteration. @throws ValueError when a number is not a count */
  restore({ seed, epoch, position }: DataLoaderState): void {
    for (const [name, value] of Object.entries({ seed, epoch, position })) {
      if (!Number.isSafeInteger(value) || value < 0) {
        throw new ValueError(`StreamLoader.restore: ${name} must be a count: ${value}`)
      }
    }
    this.#seed = seed
    this.#epoch = epoch
    this.#position = position
    this.#resuming = true
  }

  /** The batches of the next epoch; after `restore`, those that remain of its epoch. */
  async *[Symbol.asyncIterator](): AsyncGenerator<TensorsOf<Batch>, void, undefined> {
    if (!this.#resuming) this.#beginEpoch(this.#epoch + 1)
    this.#resuming = false
    const draw = { seed: this.#seed, epoch: this.#epoch }
    const waiting = new Map<number, In>()
    const dataset = sampleDataset(
      { length: 0, get: (index) => waiting.get(index)! },
      this.#options as StreamLoaderOptions<In, Out, Batch> & { readonly collate: Collate<Out, Batch> },
    )
    let skip = this.#position
    const handOut = async (): Promise<TensorsOf<Batch>> => {
      const batch = await dataset.gatherBatch(Int32Array.from(waiting.keys()), draw)
      this.#position += waiting.size
      waiting.clear()
      return batch
    }
    for await (const [index, sample] of this.#shuffled()) {
      if (skip-- > 0) continue
      waiting.set(index, sample)
      if (waiting.size === this.batchSize) yield handOut()
    }
    if (waiting.size > 0 && !this.#options.dropLast) yield handOut()
    this.#beginEpoch(draw.epoch + 1)
    this.#resuming = true
  }

  #beginEpoch(epoch: number): void {
    this.#epoch = epoch
    this.#position = 0
  }

  /** Each sample with its position in the stream; each one is drawn from the buffer. */
  async *#shuffled(): AsyncGenerator<[number, In]> {
    const { shuffleBuffer = 1 } = this.#options
    const generator = new Generator(epochKey(this.#seed, this.#epoch))
    const buffer: [number, In][] = []
    for await (const entry of this.#shared()) {
      if (buffer.length < shuffleBuffer) {
        buffer.push(entry)
        continue
      }
      const at = shuffleBuffer === 1 ? 0 : generator.integers(shuffleBuffer)
      yield buffer[at]!
      buffer[at] = entry
    }
    generator.shuffle(buffer)
    yield* buffer
  }

  async *#shared(): AsyncGenerator<[number, In]> {
    const { rank, worldSize } = this.#options.share ?? { rank: 0, worldSize: 1 }
    let index = 0
    for await (const sample of this.#source(this.#epoch)) {
      if (index % worldSize === rank) yield [index, sample]
      index++
    }
  }
}
