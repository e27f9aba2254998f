import type { Tensor } from '@badak/tensor'
import { normal, uniform } from './distributions.ts'
import { fans } from './fans.ts'
import type { InitializerOptions } from './initializer.ts'

export interface XavierOptions extends InitializerOptions {
  /** Factor on the standard deviation, see `gain`; default 1. */
  gain?: number
}

/**
 * U(−a, a) with a = gain · √(6 / (fanIn + fanOut)): for layers followed by tanh or sigmoid.
 *
 * @param shape `[out, in]` or `[O, C / groups, ...K]`
 * @throws ShapeError when there are fewer than 2 axes
 * @see Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks",
 *   equation 16
 */
export function xavierUniform(
  shape: readonly number[],
  { gain = 1, ...options }: XavierOptions = {},
): Tensor {
  const bound = Math.sqrt(3) * xavierDeviation(shape, gain)
  return uniform(shape, { ...options, low: -bound, high: bound })
}

/**
 * N(0, σ²) with σ = gain · √(2 / (fanIn + fanOut)): for layers followed by tanh or sigmoid.
 *
 * @param shape `[out, in]` or `[O, C / groups, ...K]`
 * @throws ShapeError when there are fewer than 2 axes
 * @see Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks",
 *   equation 12
 */
export function xavierNormal(shape: readonly number[], { gain = 1, ...options }: XavierOptions = {}): Tensor {
  return normal(shape, { ...options, std: xavierDeviation(shape, gain) })
}

function xavierDeviation(shape: readonly number[], gain: number): number {
  const { fanIn, fanOut } = fans(shape)
  // A weight without elements has no fans; any deviation will do.
  return gain * Math.sqrt(2 / Math.max(1, fanIn + fanOut))
}
