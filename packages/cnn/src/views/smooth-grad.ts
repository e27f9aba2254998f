import {
  ShapeError,
  add,
  div,
  evaluate,
  isTensor,
  max,
  min,
  mul,
  randomNormal,
  slice,
  square,
  stack,
  stopGradient,
  sub,
  sum,
  zeros,
} from '@badak/tensor'
import type { Generator, Tensor } from '@badak/tensor'
import { inputGradient } from './input-gradient.ts'
import { single } from '../size.ts'
import type { ViewedModel } from './model.ts'
import { asBatch, checkAmount, type PassOptions, passesOf } from './passes.ts'
import { fixTarget, repeatTarget, type ScoreOptions } from './scores.ts'

/** How images are disturbed, and what of the gradients is taken. */
export interface SmoothGradOptions<R = unknown> extends ScoreOptions<R>, PassOptions {
  /** How many disturbed copies of each image there are; default 25. */
  readonly samples?: number | undefined
  /**
   * The standard deviation of the noise, as a share of the distance from the least to the greatest value of
   * an image; default 0.15. Or the noise itself: `[samples, ...x.shape]`.
   */
  readonly noise?: number | Tensor | undefined
  /** The stream that noise comes from; default the one that `seed` sets. */
  readonly generator?: Generator | undefined
  /** The `mean` of the gradients (default), or that of their `square`, or their `variance`. */
  readonly average?: 'mean' | 'square' | 'variance' | undefined
  /** What is averaged; default `inputGradient`. */
  readonly method?: ((model: ViewedModel<R>, x: Tensor, options: ScoreOptions<R>) => Tensor) | undefined
}

/**
 * SmoothGrad: the mean of the gradients of disturbed copies of an image, which has less noise than that of
 * the image itself. With `average: 'square'` it is SmoothGrad², with `'variance'` VarGrad.
 *
 * The model is looked at in evaluation mode and left as it was. The class is that of the undisturbed image.
 *
 * @param x `[N, …]`, mostly images `[N, C, H, W]`
 * @returns the shape of `x`, with signs; its magnitude is what is mostly shown
 * @throws ValueError when `samples` or `batchSize` is not a count, or `noise` is below 0
 * @throws ShapeError when given noise has another shape
 * @throws ShapeError, ValueError, IndexError when there is no such score
 * @see Smilkov et al. 2017, arXiv:1706.03825; Adebayo et al. 2018, arXiv:1810.03307
 * @example
 * ```ts
 * const map = (await smoothGrad(model, images, { method: guidedBackpropagation })).abs()
 * ```
 */
export async function smoothGrad<R>(
  model: ViewedModel<R>,
  x: Tensor,
  options: SmoothGradOptions<R> = {},
): Promise<Tensor> {
  const operation = 'smoothGrad'
  const { noise = 0.15, average = 'mean', method = inputGradient, batchSize } = options
  const samples = single(operation, 'samples', samplesOf(x, noise, options.samples), 1)
  const fixed = await fixTarget(operation, model, x, options)
  const disturbances = disturbancesOf(x, noise, options.generator)
  let [total, squares] = [zeros(x.shape, { dtype: x.dtype }), zeros(x.shape, { dtype: x.dtype })]
  for (const { from, to } of passesOf(operation, samples, x, fixed.scores, batchSize)) {
    const points = add(x, disturbances(from, to))
    const gradient = method(model, asBatch(points), repeatTarget(fixed, to - from)).reshape(points.shape)
    total = stopGradient(add(total, sum(gradient, { axis: 0 })))
    squares = average === 'mean' ? squares : stopGradient(add(squares, sum(square(gradient), { axis: 0 })))
    await evaluate(total, squares)
  }
  const mean = div(total, samples)
  if (average === 'mean') return mean
  const meanSquare = div(squares, samples)
  return average === 'square' ? meanSquare : sub(meanSquare, square(mean))
}

function samplesOf(x: Tensor, noise: number | Tensor, samples: number | undefined): number {
  if (!isTensor(noise)) return samples ?? 25
  const [count, ...shape] = noise.shape
  const fits = shape.join() === x.shape.join() && (samples === undefined || samples === count)
  if (fits && noise.rank === x.rank + 1) return count!
  throw new ShapeError(`smoothGrad: noise is not [${samples ?? 'samples'},${x.shape}]: [${noise.shape}]`)
}

/** The noise of the copies from one to another, `[copies, ...x.shape]`. */
function disturbancesOf(
  x: Tensor,
  noise: number | Tensor,
  generator: Generator | undefined,
): (from: number, to: number) => Tensor {
  if (isTensor(noise)) return (from, to) => slice(noise, [[from, to]])
  checkAmount('smoothGrad', 'noise', noise)
  const axis = x.shape.slice(1).map((_, i) => i + 1)
  const spread = sub(max(x, { axis, keepDims: true }), min(x, { axis, keepDims: true }))
  const dtype = x.dtype === 'float64' ? 'float64' : 'float32'
  // Each copy has a draw of its own: how many are computed at once does not matter.
  return (from, to) => {
    const draws = Array.from({ length: to - from }, () => randomNormal(x.shape, { generator, dtype }))
    return mul(stack(draws), mul(spread, noise))
  }
}
