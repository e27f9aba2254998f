import type { Tensor } from '@badak/tensor'
import type { FanMode } from './fans.ts'
import { gain, type Nonlinearity } from './gain.ts'
import type { InitializerOptions } from './initializer.ts'
import { type Draw, drawNormal, drawUniform, scaled } from './scaled.ts'

export interface HeOptions extends InitializerOptions {
  /**
   * `fanIn` (default) keeps the variance of activations on the way forward, `fanOut` that of gradients on the
   * way back, `average` is between them.
   */
  mode?: FanMode
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
  return he('heUniform', shape, drawUniform, options)
}

/**
 * N(0, σ²) with σ = gain / √fan, by default √(2 / fanIn), the √(2/n) of introductions: for layers followed by
 * ReLU, which lets half of the variance of its n inputs pass.
 *
 * @param shape `[out, in]` or `[O, C / groups, ...K]`
 * @throws ShapeError when there are fewer than 2 axes
 * @throws ValueError when the mode or the nonlinearity is unknown
 * @see He et al. 2015, arXiv:1502.01852
 */
export function heNormal(shape: readonly number[], options: HeOptions = {}): Tensor {
  return he('heNormal', shape, drawNormal, options)
}

function he(
  operation: string,
  shape: readonly number[],
  draw: Draw,
  { nonlinearity = 'relu', negativeSlope, ...options }: HeOptions,
): Tensor {
  return scaled(operation, shape, draw, { ...options, scale: gain(nonlinearity, negativeSlope) ** 2 })
}
