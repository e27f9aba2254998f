import { rsqrt } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'

/** Mean and variance over axes, which stay with size 1, and the distance from the mean. */
export interface Moments {
  readonly mean: Tensor
  readonly centred: Tensor
  /** That of a population: divided by the number of elements. */
  readonly variance: Tensor
}

export function moments(x: Tensor, axis: readonly number[]): Moments {
  // Two passes, not E[x²] − E[x]²: the difference of two large numbers loses the variance.
  const mean = x.mean({ axis, keepDims: true })
  const centred = x.sub(mean)
  return { mean, centred, variance: centred.mul(centred).mean({ axis, keepDims: true }) }
}

/** (x − mean) / √(variance + eps) over axes. */
export function standardise(x: Tensor, axis: readonly number[], eps: number): Tensor {
  const { centred, variance } = moments(x, axis)
  return centred.mul(rsqrt(variance.add(eps)))
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
