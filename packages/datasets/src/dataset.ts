import type { SkipReport } from './broken/skip-report.ts'
import type { HostBatch } from './host-batch.ts'

/**
 * What a `DataLoader` reads from: samples that are found by their position and come as batches.
 *
 * @example
 * ```ts
 * const squares: Dataset<Tensor> = {
 *   length: 1000,
 *   gatherBatch: (indices) => tensor(Float32Array.from(indices, (i) => i * i)),
 * }
 * ```
 */
export interface Dataset<Batch> {
  /** The number of samples. */
  readonly length: number
  /**
   * The samples at `indices`, in that order, stacked along a new first axis. `draw` chooses the random numbers of
   * this epoch, for data sets that need some: `sampleGenerator` makes them of it.
   */
  gatherBatch(indices: Int32Array, draw?: Draw): Batch | Promise<Batch>
  /** The same before its arrays become tensors, for data sets that other threads may ask. */
  readonly gatherArrays?: GatherArrays
  /** Whether what it gives depends on the seed: a `DataLoader` then draws one, if none is given. */
  readonly random?: boolean
  /** How many batches it makes ready at once, if more than one. */
  readonly parallel?: number
  /** Samples that were left out so far, where broken ones are. */
  readonly skipped?: SkipReport
  /** Ends what runs in the background, when a loop is left early; the next batch starts it again. */
  release?(): void
}

/** Gathers a batch without making tensors; large arrays come from `allocate`, and are used again later. */
export type GatherArrays = (
  indices: Int32Array,
  draw: Draw | undefined,
  allocate: (length: number) => Float32Array,
) => HostBatch | Promise<HostBatch>

/** What the random numbers of an epoch follow from. */
export interface Draw {
  /** From 0 to 2³² − 1. */
  readonly seed: number
  readonly epoch: number
  /** How often each sample of the batch was drawn before in this epoch, where samples repeat. */
  readonly occurrences?: Int32Array
}
