import { IndexError } from '@badak/tensor'
import type { Dataset } from './dataset.ts'

/**
 * Some samples of a data set, as a data set.
 *
 * @param indices positions in `dataset`; repetitions are allowed
 * @throws IndexError when an index is outside of `dataset`
 *
 * @example
 * ```ts
 * const firstThousand = subset(await mnist('train'), Array(1000).keys())
 * ```
 */
export function subset<Batch>(dataset: Dataset<Batch>, indices: Iterable<number>): Dataset<Batch> {
  const chosen = Int32Array.from(indices, (index) => {
    if (Number.isInteger(index) && index >= 0 && index < dataset.length) return index
    throw new IndexError(`subset: the data set has ${dataset.length} samples: ${index}`)
  })
  return {
    length: chosen.length,
    gatherBatch: (positions) => dataset.gatherBatch(positions.map((position) => chosen[position]!)),
  }
}
