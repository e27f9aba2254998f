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
  /** The samples at `indices`, in that order, stacked along a new first axis. */
  gatherBatch(indices: Int32Array): Batch | Promise<Batch>
}
