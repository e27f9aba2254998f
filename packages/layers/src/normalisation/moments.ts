import { rsqrt, stopGradient } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'

/** Mean and variance over axes, which stay with size 1. */
export interface Moments {
  readonly mean: Tensor
  /** The distance from where the mean lies, held fixed: no gradient goes through that. */
  readonly centred: Tensor
  /** The distance of the mean from there: 0, but gradients of all orders go through it. */
  readonly offset: Tensor
  /** That of a population: divided by the number of elements. */
  readonly variance: Tensor
}

export function moments(x: Tensor, axis: readonly number[]): Moments {
  // Two passes, not E[x²] − E[x]²: the difference of two large numbers loses the variance.
  const mean = x.mean({ axis, keepDims: true })
  // For any point p, E[(x − E[x])²] = E[(x − p)²] − (E[x] − p)². With the mean as a p that is held fixed, the
  // last term is 0 and costs a few numbers per channel, and gradients need no intermediate of the input's size.
  const point = stopGradient(mean)
  const centred = x.sub(point)
  const offset = mean.sub(point)
  return {
    mean,
    centred,
    offset,
    variance: centred.square().mean({ axis, keepDims: true }).sub(offset.square()),
  }
}

/** (x − mean) / √(variance + eps) over axes. */
export function standardise(x: Tensor, axis: readonly number[], eps: number): Tensor {
  const { centred, offset, variance } = moments(x, axis)
  const scale = rsqrt(variance.add(eps))
  return centred.mul(scale).sub(offset.mul(scale))
}

/** y · weight + bias, as far as there are any. */
export function scaleAndShift(y: Tensor, weight: Tensor | undefined, bias: Tensor | undefined): Tensor {
  const scaled = weight ? y.mul(weight) : y
  return bias ? scaled.add(bias) : scaled
}

/** The axes of `x` from `start` on. */
export function axesFrom(x: Tensor, start: number): number[] {
  return x.shape.map((_, axis) => axis).slice(start)
}

/** `[1, C, 1, ...]`: how a value per channel lies across `x`. */
export function acrossChannels(x: Tensor): number[] {
  return x.shape.map((size, axis) => (axis === 1 ? size : 1))
}
