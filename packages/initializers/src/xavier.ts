import { ValueError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import type { InitializerOptions } from './initializer.ts'
import { type Draw, drawNormal, drawUniform, scaled } from './scaled.ts'

export interface XavierOptions extends InitializerOptions {
  /** Factor on the standard deviation, see `gain`; default 1. */
  gain?: number
}

/**
 * U(−a, a) with a = gain · √(6 / (fanIn + fanOut)): for layers followed by tanh or sigmoid.
 *
 * @param shape `[out, in]` or `[O, C / groups, ...K]`
 * @throws ShapeError when there are fewer than 2 axes; ValueError when the gain is no number ≥ 0
 * @see Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks",
 *   equation 16
 */
export function xavierUniform(shape: readonly number[], options: XavierOptions = {}): Tensor {
  return xavier('xavierUniform', shape, drawUniform, options)
}

/**
 * N(0, σ²) with σ = gain · √(2 / (fanIn + fanOut)): for layers followed by tanh or sigmoid. Between layers of
 * equal size n that is 1/√n, the form in which introductions often give it; `lecunNormal` is 1/√fanIn for all
 * shapes.
 *
 * @param shape `[out, in]` or `[O, C / groups, ...K]`
 * @throws ShapeError when there are fewer than 2 axes; ValueError when the gain is no number ≥ 0
 * @see Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks",
 *   equation 12
 */
export function xavierNormal(shape: readonly number[], options: XavierOptions = {}): Tensor {
  return xavier('xavierNormal', shape, drawNormal, options)
}

function xavier(
  operation: string,
  shape: readonly number[],
  draw: Draw,
  { gain = 1, ...options }: XavierOptions,
): Tensor {
  if (!Number.isFinite(gain) || gain < 0)
    throw new ValueError(`${operation}: gain is not a number ≥ 0: ${String(gain)}`)
  return scaled(operation, shape, draw, { ...options, scale: gain ** 2, mode: 'average' })
}
