import { ShapeError, ValueError } from '@badak/tensor'
import type { PairLike, Tensor, TripleLike } from '@badak/tensor'

/** [length] */
export type Single = [length: number]

/** [height, width] */
export type Pair = [height: number, width: number]

/** [depth, height, width] */
export type Triple = [depth: number, height: number, width: number]

/** Reads one size per axis. @throws ValueError when one is not an integer ≥ `least` */
export type SizeReader<K, Size> = (operation: string, what: string, size: Size, least: number) => K

/** @throws ValueError when `size` is not an integer ≥ `least` */
export function single(operation: string, what: string, size: number, least: number): number {
  if (Number.isSafeInteger(size) && size >= least) return size
  throw new ValueError(`${operation}: ${what} is not an integer ≥ ${least}: ${String(size)}`)
}

export const one: SizeReader<Single, number> = (operation, what, size, least) => [
  single(operation, what, size, least),
]

export const pair: SizeReader<Pair, PairLike> = (operation, what, size, least) =>
  perAxis(operation, what, size, least, ['height', 'width']) as Pair

export const triple: SizeReader<Triple, TripleLike> = (operation, what, size, least) =>
  perAxis(operation, what, size, least, ['depth', 'height', 'width']) as Triple

/** @throws ValueError when `size` is not an integer ≥ `least`, or one per axis */
function perAxis(
  operation: string,
  what: string,
  size: number | readonly number[],
  least: number,
  axes: readonly string[],
): number[] {
  const sizes = typeof size === 'number' ? axes.map(() => size) : size
  if (!Array.isArray(sizes) || sizes.length !== axes.length) {
    throw new ValueError(
      `${operation}: ${what} is neither a number nor [${axes.join(', ')}]: ${JSON.stringify(size)}`,
    )
  }
  return sizes.map((side: number) => single(operation, what, side, least))
}

/** Axes of a batch of sequences, images or volumes. */
const axesOfRank: Readonly<Record<number, string>> = {
  3: '[N, C, L]',
  4: '[N, C, H, W]',
  5: '[N, C, D, H, W]',
}

export function axesFor(rank: number): string {
  return axesOfRank[rank] ?? `of rank ${rank}`
}

/** @throws ShapeError when `x` is not a batch of sequences (rank 3), images (4) or volumes (5), as asked */
export function checkRank(operation: string, x: Tensor, rank: number): void {
  if (x.rank === rank) return
  throw new ShapeError(`${operation}: input is not ${axesFor(rank)}: [${x.shape.join(',')}]`)
}
