import { IndexError } from '@badak/tensor'
import type { Dataset } from './dataset.ts'
import type { Samples } from './loader/sample-dataset.ts'

/**
 * Some samples of a data set, as a data set; or of samples that are yet to be transformed.
 *
 * @param indices positions in `dataset`; repetitions are allowed
 * @throws IndexError when an index is outside of `dataset`
 *
 * @example
 * ```ts
 * const firstThousand = subset(await mnist('train'), Array(1000).keys())
 * ```
 */
export function subset<Batch, S>(
  dataset: Dataset<Batch> & Samples<S>,
  indices: Iterable<number>,
): Dataset<Batch> & Samples<S>
/** Some samples of a data set. */
export function subset<Batch>(dataset: Dataset<Batch>, indices: Iterable<number>): Dataset<Batch>
/** Some samples of others. */
export function subset<S>(samples: Samples<S>, indices: Iterable<number>): Samples<S>
export function subset<Batch, S>(
  dataset: Partial<Dataset<Batch>> & Partial<Samples<S>> & { readonly length: number },
  indices: Iterable<number>,
): Partial<Dataset<Batch> & Samples<S>> {
  const { length: size, get, gatherBatch, gatherArrays, random, parallel, release } = dataset
  const chosen = Int32Array.from(indices, (index) => {
    if (Number.isInteger(index) && index >= 0 && index < size) return index
    throw new IndexError(`subset: the data set has ${size} samples: ${index}`)
  })
  const at = (positions: Int32Array): Int32Array => positions.map((position) => chosen[position]!)
  return {
    length: chosen.length,
    ...(gatherBatch && { gatherBatch: (positions, draw) => gatherBatch.call(dataset, at(positions), draw) }),
    ...(gatherArrays && {
      gatherArrays: (positions, draw, allocate) => gatherArrays.call(dataset, at(positions), draw, allocate),
    }),
    ...(get && {
      get: (position) => {
        const index = chosen[position]
        if (index === undefined)
          throw new IndexError(`subset: there are ${chosen.length} samples: ${position}`)
        return get.call(dataset, index)
      },
    }),
    ...(random !== undefined && { random }),
    ...(parallel !== undefined && { parallel }),
    ...(release && { release: () => release.call(dataset) }),
  }
}
