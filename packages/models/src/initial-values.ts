import { heNormal, normal, uniform, type Initializer } from '@badak/initializers'
import type { Conv2d } from '@badak/cnn'
import type { Linear } from '@badak/layers'

/** He's normal distribution that keeps the variance of gradients on the way back. */
export const fanOutNormal: Initializer = (shape, options) => heNormal(shape, { ...options, mode: 'fanOut' })

/** N(0, 0.01²). */
export const smallNormal: Initializer = (shape, options) => normal(shape, { ...options, std: 0.01 })

/** U(±1/√fanIn), which PyTorch gives to what nobody initialises. */
export const fanInUniform: Initializer = (shape, options) => {
  const bound = 1 / Math.sqrt(shape.slice(1).reduce((product, size) => product * size, 1))
  return uniform(shape, { ...options, low: -bound, high: bound })
}

/** The layer, with a bias that begins as in PyTorch: U(±1/√fanIn), too. */
export function withUniformBias<M extends Conv2d | Linear>(layer: M): M {
  const { weight, bias } = layer
  const bound = 1 / Math.sqrt(weight.size / weight.shape[0]!)
  bias?.assign(uniform(bias.shape, { low: -bound, high: bound }))
  return layer
}
