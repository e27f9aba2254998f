// What methods ask of their arguments.
import { ShapeError, ValueError, full, isTensor } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { single } from '../size.ts'

/** How a method of many passes computes. */
export interface PassOptions {
  /** How many images are computed at once, but at least those that are given; default 32. */
  readonly batchSize?: number | undefined
}

/** @throws ShapeError when `x` is not a batch of images */
export function checkImages(operation: string, x: Tensor): void {
  if (x.rank !== 4) throw new ShapeError(`${operation}: images are not [N, C, H, W]: [${x.shape}]`)
}

/** @throws ValueError when `value` is not a finite number ≥ 0 */
export function checkAmount(operation: string, what: string, value: number): number {
  if (value >= 0 && value < Infinity) return value
  throw new ValueError(`${operation}: ${what} is not a number ≥ 0: ${String(value)}`)
}

/**
 * Cuts `total` variants of a batch into passes; one at a time where the model gives one score for all images,
 * which means what it says for the images that were given alone.
 */
export function passesOf(
  operation: string,
  total: number,
  x: Tensor,
  scores: Tensor,
  batchSize = 32,
): { readonly from: number; readonly to: number }[] {
  single(operation, 'batchSize', batchSize, 1)
  const atOnce = scores.rank === 0 ? 1 : Math.max(1, Math.floor(batchSize / Math.max(1, x.shape[0]!)))
  return Array.from({ length: Math.ceil(total / atOnce) }, (_, pass) => ({
    from: pass * atOnce,
    to: Math.min(total, (pass + 1) * atOnce),
  }))
}

/** `[S, N, …]` as one batch `[S·N, …]`. */
export function asBatch(variants: Tensor): Tensor {
  const [S, N, ...rest] = variants.shape as [number, number, ...number[]]
  return variants.reshape([S * N, ...rest])
}

/**
 * What stands in for images that are not there, in the shape of `x`.
 *
 * @throws ShapeError when it is neither a number nor of the shape of one or all images
 */
export function baselineOf(operation: string, x: Tensor, baseline: number | Tensor): Tensor {
  if (!isTensor(baseline)) return full(x.shape, baseline, { dtype: x.dtype })
  const own = baseline.shape
  const image = x.shape.slice(1)
  const fits =
    own.join() === x.shape.join() || own.join() === image.join() || own.join() === [1, ...image].join()
  if (fits) return baseline.expand(x.shape)
  throw new ShapeError(
    `${operation}: the baseline is neither a number nor of the shape of the images: [${own}] for [${x.shape}]`,
  )
}
