import { defaultGenerator, tensor, ValueError, where } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkAxes } from './check-axes.ts'
import { normal } from './distributions.ts'
import type { InitializerOptions } from './initializer.ts'

export interface SparseOptions extends InitializerOptions {
  /** The part of each column that is 0, from 0 to 1; rounded up to whole elements. */
  sparsity: number
  /** Standard deviation of the others; default 0.01. */
  std?: number
}

/**
 * Draws from N(0, std²), of which in each column `⌈sparsity · rows⌉` at random places are 0: every unit sees
 * a few inputs only, and may see them well.
 *
 * @param shape `[out, in]`
 * @throws ShapeError unless there are 2 axes; ValueError when an option is out of range
 * @see Martens 2010, "Deep learning via Hessian-free optimization", section 5
 * @example sparse([100, 50], { sparsity: 0.9 })
 */
export function sparse(
  shape: readonly number[],
  { sparsity, std = 0.01, dtype = 'float32', generator = defaultGenerator }: SparseOptions,
): Tensor {
  checkAxes('sparse', shape, 2, 2)
  if (!(sparsity >= 0 && sparsity <= 1))
    throw new ValueError(`sparse: sparsity is not a number in [0, 1]: ${String(sparsity)}`)
  const [rows, columns] = shape as [number, number]
  const zeros = Math.ceil(sparsity * rows)
  const draws = normal(shape, { std, dtype, generator })
  const kept = new Uint8Array(rows * columns)
  for (let column = 0; column < columns; column++) {
    for (const row of generator.permutation(rows).subarray(zeros)) kept[row * columns + column] = 1
  }
  return where(tensor(kept, { shape, dtype: 'bool' }), draws, 0)
}
