import type { MatmulKernel } from '../../../schedule/kernels.ts'
import type { Word } from '../launch.ts'
import { addressOf } from './epilogue.ts'

/** An operand or the result of a product; strides in elements, `batch` beside `Product.batch`. */
export interface Matrix {
  readonly address: Word
  readonly batch: readonly number[]
  readonly row: number
  readonly column: number
}

/** A batch of matrix products: result `[m, n]` = left `[m, k]` · right `[k, n]`. */
export interface Product {
  readonly batch: readonly number[]
  readonly m: number
  readonly n: number
  readonly k: number
  readonly left: Matrix
  readonly right: Matrix
  readonly result: Matrix
}

/** The product that a kernel describes, in its simplest form, with its result at `address` and `strides`. */
export function productOf(kernel: MatmulKernel, address: Word, strides: readonly number[]): Product {
  const { batch, m, n, k, left, right } = kernel
  const product = mergeBatch(
    foldRows({
      batch,
      m,
      n,
      k,
      left: matrix(addressOf(left), left.strides),
      right: matrix(addressOf(right), right.strides),
      result: matrix(address, strides),
    }),
  )
  return isBetterTransposed(product) ? transposed(product) : product
}

/** A matrix by a column is a row by a matrix, and a result may be contiguous the other way round. */
function isBetterTransposed({ m, n, result }: Product): boolean {
  return result.row === 1 && (result.column !== 1 || (n === 1 && m !== 1))
}

function matrix(address: Word, strides: readonly number[]): Matrix {
  return { address, batch: strides.slice(0, -2), row: strides.at(-2)!, column: strides.at(-1)! }
}

/** Cᵀ = Bᵀ Aᵀ: a result whose columns are not neighbours may have rows that are. */
function transposed({ batch, m, n, k, left, right, result }: Product): Product {
  const flip = ({ address, batch: strides, row, column }: Matrix): Matrix => ({
    address,
    batch: strides,
    row: column,
    column: row,
  })
  return { batch, m: n, n: m, k, left: flip(right), right: flip(left), result: flip(result) }
}

/**
 * A batch of rows that all meet one right matrix is one taller matrix: `[b, m, k] · [k, n]` is `[b·m, k] ·
 * [k, n]`.
 */
function foldRows(product: Product): Product {
  const { batch, m, left, right, result } = product
  const last = batch.length - 1
  if (last < 0) return product
  const shared = right.batch[last] === 0 || batch[last] === 1
  const regular =
    batch[last] === 1 ||
    m === 1 ||
    (left.batch[last] === m * left.row && result.batch[last] === m * result.row)
  if (!shared || !regular) return product
  const fold = (operand: Matrix): Matrix => ({
    ...operand,
    batch: operand.batch.slice(0, -1),
    row: m === 1 && batch[last] !== 1 ? operand.batch[last] : operand.row,
  })
  return foldRows({
    ...product,
    batch: batch.slice(0, -1),
    m: m * batch[last],
    left: fold(left),
    right: dropLast(right),
    result: fold(result),
  })
}

function dropLast(operand: Matrix): Matrix {
  return { ...operand, batch: operand.batch.slice(0, -1) }
}

/** Batch axes over which all three walk evenly become one; axes of size 1 go. */
function mergeBatch(product: Product): Product {
  const operands = [product.left, product.right, product.result]
  const sizes: number[] = []
  const strides: number[][] = [[], [], []]
  for (const [axis, size] of product.batch.entries()) {
    if (size === 1) continue
    const top = sizes.length - 1
    const even =
      top >= 0 && operands.every(({ batch }, index) => strides[index][top] === batch[axis] * size)
    if (even) sizes[top] *= size
    else sizes.push(size)
    for (const [index, { batch }] of operands.entries()) strides[index][sizes.length - 1] = batch[axis]!
  }
  const [left, right, result] = operands.map((operand, index) => ({ ...operand, batch: strides[index] }))
  return { ...product, batch: sizes, left: left, right: right, result: result }
}

/** Products with at most `limit` batch axes that together are `product`. */
export function splitBatch(product: Product, limit: number): Product[] {
  if (product.batch.length <= limit) return [product]
  const advance = (operand: Matrix, index: number): Matrix => ({
    ...operand,
    batch: operand.batch.slice(1),
    address: moved(operand.address, 4 * index * operand.batch[0]),
  })
  return Array.from({ length: product.batch[0] }, (_, index) => ({
    ...product,
    batch: product.batch.slice(1),
    left: advance(product.left, index),
    right: advance(product.right, index),
    result: advance(product.result, index),
  })).flatMap((part) => splitBatch(part, limit))
}

function moved(address: Word, bytes: number): Word {
  if (address.kind !== 'slot' && address.kind !== 'scratch')
    throw new TypeError('matmul: an operand without an address')
  return { ...address, offset: address.offset + bytes }
}
