import type { Tensor } from '@badak/tensor'
import { heNormal, heUniform } from './he.ts'
import type { InitializerOptions } from './initializer.ts'

/**
 * U(−a, a) with a = √(3 / fanIn): outputs as wide as inputs, for linear layers and SELU.
 *
 * @param shape `[out, in]` or `[O, C / groups, ...K]`
 * @throws ShapeError when there are fewer than 2 axes
 * @see LeCun et al. 1998, "Efficient BackProp", section 4.6
 */
export function lecunUniform(shape: readonly number[], options: InitializerOptions = {}): Tensor {
  return heUniform(shape, { ...options, mode: 'fanIn', nonlinearity: 'linear' })
}

/**
 * N(0, 1 / fanIn): outputs as wide as inputs, for linear layers and SELU.
 *
 * @param shape `[out, in]` or `[O, C / groups, ...K]`
 * @throws ShapeError when there are fewer than 2 axes
 * @see LeCun et al. 1998, "Efficient BackProp", section 4.6
 */
export function lecunNormal(shape: readonly number[], options: InitializerOptions = {}): Tensor {
  return heNormal(shape, { ...options, mode: 'fanIn', nonlinearity: 'linear' })
}
