import { ShapeError, ValueError } from '@badak/tensor'
import type { PairLike, Tensor } from '@badak/tensor'

/** [height, width] */
export type Pair = [height: number, width: number]

/** @throws ValueError when `size` is not an integer ≥ `least` */
export function single(operation: string, what: string, size: number, least: number): number {
  if (Number.isSafeInteger(size) && size >= least) return size
  throw new ValueError(`${operation}: ${what} is not an integer ≥ ${least}: ${String(size)}`)
}

/** @throws ValueError when `size` is not one or two integers ≥ `least` */
export function pair(operation: string, what: string, size: PairLike, least: number): Pair {
  if (typeof size === 'number') return [single(operation, what, size, least), size]
  if (!Array.isArray(size) || size.length !== 2) {
    throw new ValueError(
      `${operation}: ${what} is neither a number nor [height, width]: ${JSON.stringify(size)}`,
    )
  }
  return [single(operation, what, size[0], least), single(operation, what, size[1], least)]
}

/** @throws ShapeError when `x` is not `[N, C, H, W]` */
export function checkImages(operation: string, x: Tensor): void {
  if (x.rank !== 4) throw new ShapeError(`${operation}: input is not [N, C, H, W]: [${x.shape.join(',')}]`)
}
