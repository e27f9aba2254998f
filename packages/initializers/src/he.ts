import { ValueError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { normal, uniform } from './distributions.ts'
import { fans } from './fans.ts'
import { gain, type Nonlinearity } from './gain.ts'
import type { InitializerOptions } from './initializer.ts'

export interface HeOptions extends InitializerOptions {
  /**
   * `fanIn` (default) keeps the variance of activations on the way forward, `fanOut` that of gradients on the
   * way back.
   */
  mode?: 'fanIn' | 'fanOut'
  /** What follows the weight; default `relu`. */
  nonlinearity?: Nonlinearity
  /** Slope of a leaky ReLU for negative inputs; default 0.01. */
  negativeSlope?: number
}

/**
 * U(−a, a) with a = √3 · gain / √fan, by default √(6 / fanIn): for layers followed by ReLU.
 *
 * @param shape `[out, in]` or `[O, C / groups, ...K]`
 * @throws ShapeError when there are fewer than 2 axes
 * @throws ValueError when the mode or the nonlinearity is unknown
 * @see He et al. 2015, arXiv:1502.01852
 */
export function heUniform(shape: readonly number[], options: HeOptions = {}): Tensor {
  const bound = Math.sqrt(3) * heDeviation('heUniform', shape, options)
  return uniform(shape, { ...options, low: -bound, high: bound })
}

/**
 * N(0, σ²) with σ = gain / √fan, by default √(2 / fanIn): for layers followed by ReLU.
 *
 * @param shape `[out, in]` or `[O, C / groups, ...K]`
 * @throws ShapeError when there are fewer than 2 axes
 * @throws ValueError when the mode or the nonlinearity is unknown
 * @see He et al. 2015, arXiv:1502.01852
 */
export function heNormal(shape: readonly number[], options: HeOptions = {}): Tensor {
  return normal(shape, { ...options, std: heDeviation('heNormal', shape, options) })
}

function heDeviation(operation: string, shape: readonly number[], options: HeOptions): number {
  const { mode = 'fanIn', nonlinearity = 'relu', negativeSlope } = options
  if (mode !== 'fanIn' && mode !== 'fanOut') {
    throw new ValueError(`${operation}: unknown mode ${JSON.stringify(mode)}: expected fanIn or fanOut`)
  }
  // A weight without elements has no fans; any deviation will do.
  return gain(nonlinearity, negativeSlope) / Math.sqrt(Math.max(1, fans(shape)[mode]))
}
