import { tensor } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkCount, checkPositive } from '../arguments.ts'

/**
 * Sines and cosines of the positions, to be added to embeddings, so that attention can tell where something
 * stands: feature 2i of position p is sin(p / base^(2i / dModel)), feature 2i + 1 the cosine.
 *
 * @param length how many positions
 * @param dModel how many features
 * @param options
 * @param options.base default 10000
 * @returns `[length, dModel]`; `.unsqueeze(1)` to add it to `[T, N, dModel]`
 * @throws ValueError when a size is not an integer ≥ 1 or `base` is not a positive number
 * @see Vaswani et al. 2017, arXiv:1706.03762, section 3.5
 */
export function positionalEncoding(
  length: number,
  dModel: number,
  { base = 10_000 }: { base?: number } = {},
): Tensor {
  checkCount('positionalEncoding', 'length', length)
  checkCount('positionalEncoding', 'dModel', dModel)
  checkPositive('positionalEncoding', 'base', base)
  const values = Float32Array.from({ length: length * dModel }, (_, at) => {
    const [position, feature] = [Math.floor(at / dModel), at % dModel]
    const angle = position / base ** ((feature - (feature % 2)) / dModel)
    return feature % 2 === 0 ? Math.sin(angle) : Math.cos(angle)
  })
  return tensor(values, { shape: [length, dModel] })
}
