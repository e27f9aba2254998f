import {
  DTypeError,
  IndexError,
  Parameter,
  ShapeError,
  ValueError,
  arange,
  equal,
  stopGradient,
  take,
  where,
} from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { normal, type Initializer } from '@badak/initializers'
import { checkCount, firstWhere, show } from '../arguments.ts'
import { Module } from '../module/module.ts'

/**
 * Rows of a table: one vector for each index. Rows that are used more than once add up their gradients.
 *
 * @param indices int32 or uint8, any shape
 * @param weight `[numEmbeddings, embeddingDim]`
 * @param options
 * @param options.paddingIdx a row whose gradient is 0, counted from the end if negative
 * @returns `[*indices.shape, embeddingDim]`
 * @throws ShapeError when `weight` is no table; DTypeError when the indices are not integers
 * @throws IndexError when an index or `paddingIdx` is not one of a row: here if it came from the host, else
 *   when the rows are computed
 */
export function embedding(
  indices: Tensor,
  weight: Tensor,
  { paddingIdx }: { paddingIdx?: number | undefined } = {},
): Tensor {
  if (weight.rank !== 2)
    throw new ShapeError(`embedding: weight is not [numEmbeddings, embeddingDim]: ${show(weight.shape)}`)
  const count = weight.shape[0]!
  if (indices.dtype !== 'int32' && indices.dtype !== 'uint8') {
    throw new DTypeError(
      `embedding: indices are ${indices.dtype}: make them int32: tensor(indices, { dtype: 'int32' })`,
    )
  }
  const wrong = firstWhere(indices, (index) => index < 0 || index >= count)
  if (wrong) {
    throw new IndexError(
      `embedding: index ${wrong.value} at ${wrong.at} is not one of ${count} rows (0 to ${count - 1})`,
    )
  }
  const rows = take(weight, indices)
  if (paddingIdx === undefined) return rows
  const padding = equal(indices, rowOf('embedding', paddingIdx, count)).unsqueeze(-1)
  return where(padding, stopGradient(rows), rows)
}

/** What an `Embedding` begins with, and which row stands for nothing. */
export interface EmbeddingOptions {
  /**
   * A row that stands for nothing, such as padding: it begins with zeros and does not learn. Counted from the
   * end if negative.
   */
  paddingIdx?: number
  /** First value of the weight; default `normal`, as in PyTorch: N(0, 1). */
  init?: Initializer
}

/**
 * A table of vectors that are learned: `weight`, `[numEmbeddings, embeddingDim]`, as in PyTorch.
 *
 * @example
 * ```ts
 * const layer = new Embedding(1000, 64, { paddingIdx: 0 })
 * layer.forward(tensor([[5, 7, 0]], { dtype: 'int32' })).shape // [1, 3, 64]
 * ```
 */
export class Embedding extends Module {
  readonly weight: Parameter
  readonly paddingIdx: number | undefined

  /**
   * @throws ValueError when a size is not an integer ≥ 1
   * @throws IndexError when `paddingIdx` is not one of a row
   */
  constructor(
    numEmbeddings: number,
    embeddingDim: number,
    { paddingIdx, init = normal }: EmbeddingOptions = {},
  ) {
    super()
    checkCount('Embedding', 'numEmbeddings', numEmbeddings)
    checkCount('Embedding', 'embeddingDim', embeddingDim)
    const table = init([numEmbeddings, embeddingDim])
    if (paddingIdx === undefined) this.weight = new Parameter(table)
    else {
      this.paddingIdx = rowOf('Embedding', paddingIdx, numEmbeddings)
      const rows = arange(0, numEmbeddings, 1, { dtype: 'int32' }).unsqueeze(1)
      this.weight = new Parameter(where(equal(rows, this.paddingIdx), 0, table))
    }
  }

  /**
   * @param indices int32 or uint8, any shape
   * @returns `[*indices.shape, embeddingDim]`
   * @throws DTypeError when the indices are not integers
   * @throws IndexError when an index is not one of a row: here if it came from the host, else when the rows
   *   are computed
   */
  forward(indices: Tensor): Tensor {
    return embedding(indices, this.weight, { paddingIdx: this.paddingIdx })
  }

  override toString(): string {
    return `Embedding(${this.weight.shape.join(', ')})`
  }
}

function rowOf(operation: string, paddingIdx: number, count: number): number {
  if (!Number.isSafeInteger(paddingIdx))
    throw new ValueError(`${operation}: paddingIdx is not an integer: ${paddingIdx}`)
  if (paddingIdx >= -count && paddingIdx < count) return paddingIdx < 0 ? paddingIdx + count : paddingIdx
  throw new IndexError(`${operation}: paddingIdx ${paddingIdx} is not one of ${count} rows`)
}
