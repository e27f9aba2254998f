import { sampleGenerator } from '../augment/draws.ts'
import type { Sample } from '../augment/sample.ts'
import type { Step } from '../augment/transform.ts'
import type { Dataset, Draw, GatherArrays } from '../dataset.ts'
import { SampleError } from '../dataset-errors.ts'
import { ArrayPool, type TensorsOf, toTensors } from '../host-batch.ts'
import { checkPolicy, messageOf } from '../broken/policy.ts'
import { type OnBroken, SkipReport } from '../broken/skip-report.ts'
import { type Collate, type Stacked, stackSamples } from './collate.ts'

/** Samples that are found by their position: images with labels, masks, boxes, or anything else. */
export interface Samples<S> {
  /** The number of samples. */
  readonly length: number
  /** Sample `index`. */
  get(index: number): S | Promise<S>
}

/** What becomes of samples on their way to a batch. */
export interface SampleDatasetOptions<In, Out, Batch> {
  /** Applied to each sample, with random numbers that are a function of seed, epoch and index alone. */
  readonly transform?: (sample: In, generator: ReturnType<typeof sampleGenerator>) => Out | Promise<Out>
  /** Makes a batch; default `stackSamples()`. */
  readonly collate?: Collate<Out, Batch>
  /** Applied to each batch: `mixup`, `cutmix`. */
  readonly mix?: Step<Batch>
  /**
   * What is done about samples that cannot be read or transformed: an error (default), or they are left out of their batch,
   * which has fewer, and `skipped` of the data set reports them.
   */
  readonly onBroken?: OnBroken
}

/**
 * A data set of samples, which are transformed, then stacked into batches.
 *
 * What a sample becomes depends on the seed, the epoch and its index alone: on no other sample, nor on batch size,
 * order or number of workers.
 *
 * @throws SampleError (by `gatherBatch`) naming the index, when reading or transforming a sample fails; with
 *   `onBroken: 'skip'`, when no sample of a batch is left
 * @example
 * ```ts
 * const train = sampleDataset(images, {
 *   transform: compose([randomCrop(32, { padding: 4 }), randomHorizontalFlip()]),
 *   collate: stackSamples(imagenetStatistics),
 * })
 * for await (const { x, t } of new DataLoader(train, { batchSize: 100, shuffle: true })) …
 * ```
 */
export function sampleDataset<S extends Sample>(
  samples: Samples<S>,
  options?: SampleDatasetOptions<S, S, Stacked<S>>,
): Dataset<TensorsOf<Stacked<S>>>
/** A data set of samples of any kind; what `collate` makes of them has a tensor for each array. */
export function sampleDataset<In, Out, Batch extends object>(
  samples: Samples<In>,
  options: SampleDatasetOptions<In, Out, Batch> & { readonly collate: Collate<Out, Batch> },
): Dataset<TensorsOf<Batch>>
export function sampleDataset<In, Out, Batch extends object>(
  samples: Samples<In>,
  options: SampleDatasetOptions<In, Out, Batch> = {},
): Dataset<TensorsOf<Batch>> {
  const { transform, mix } = options
  const onBroken = checkPolicy('sampleDataset', options.onBroken)
  const skipped = new SkipReport()
  const collate = options.collate ?? (stackSamples() as unknown as Collate<Out, Batch>)
  const pool = new ArrayPool(2)

  const read = async (index: number, draw: Draw, occurrence: number): Promise<Out> => {
    try {
      const sample = await samples.get(index)
      if (!transform) return sample as unknown as Out
      return await transform(sample, sampleGenerator(draw.seed, draw.epoch, index, occurrence))
    } catch (cause) {
      throw new SampleError(`sample ${index}: ${messageOf(cause)}`, { index, cause })
    }
  }

  const gather = async (
    indices: Int32Array,
    draw: Draw = { seed: 0, epoch: 0 },
    allocate: (size: number) => Float32Array,
  ): Promise<Batch> => {
    const { occurrences, seed, epoch } = draw
    const attempts = Array.from(indices, (index, i) => read(index, draw, occurrences?.[i] ?? 0))
    const all = await (onBroken === 'throw' ? Promise.all(attempts) : unbroken(attempts, skipped))
    const batch = collate(all, allocate)
    // A stream of the batch, beyond those of all samples.
    return mix
      ? mix(batch, sampleGenerator(seed, epoch, 2 ** 31 + (indices[0] ?? 0), occurrences?.[0]))
      : batch
  }

  return {
    length: samples.length,
    random: Boolean(transform ?? mix),
    skipped,
    gatherArrays: gather as GatherArrays,
    gatherBatch: async (indices, draw) => {
      const arrays = await gather(indices, draw, pool.allocate)
      const batch = toTensors(arrays)
      // The tensors are copies.
      for (const buffer of pool.lentTo(arrays)) pool.recycle(buffer)
      return batch
    },
  }
}

/** The samples that could be read; the report has the others. @throws SampleError when there are none */
async function unbroken<Out>(attempts: readonly Promise<Out>[], skipped: SkipReport): Promise<Out[]> {
  const all = await Promise.allSettled(attempts)
  const failures = all.flatMap((each) => (each.status === 'rejected' ? [each.reason as SampleError] : []))
  for (const { index, cause } of failures) skipped.add(`sample ${index}`, messageOf(cause))
  const [first] = failures
  if (first !== undefined && failures.length === all.length)
    throw new SampleError(`no sample of the batch is left, after ${first.message}`, {
      index: first.index,
      cause: first.cause,
    })
  return all.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
}
