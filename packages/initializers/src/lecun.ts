import type { Tensor } from '@badak/tensor'
import type { InitializerOptions } from './initializer.ts'
import { drawNormal, drawUniform, scaled } from './scaled.ts'

/**
 * U(−a, a) with a = √(3 / fanIn): outputs as wide as inputs, for linear layers and SELU.
 *
 * @param shape `[out, in]` or `[O, C / groups, ...K]`
 * @throws ShapeError when there are fewer than 2 axes
 * @see LeCun et al. 1998, "Efficient BackProp", section 4.6
 */
export function lecunUniform(shape: readonly number[], options: InitializerOptions = {}): Tensor {
  return scaled('lecunUniform', shape, drawUniform, options)
}

/**
 * N(0, σ²) with σ = 1/√fanIn: outputs as wide as inputs, for linear layers, sigmoid, tanh and SELU. This is
 * the 1/√n that introductions call Xavier's value, n being the nodes of the layer before.
 *
 * @param shape `[out, in]` or `[O, C / groups, ...K]`
 * @throws ShapeError when there are fewer than 2 axes
 * @see LeCun et al. 1998, "Efficient BackProp", section 4.6
 */
export function lecunNormal(shape: readonly number[], options: InitializerOptions = {}): Tensor {
  return scaled('lecunNormal', shape, drawNormal, options)
}
