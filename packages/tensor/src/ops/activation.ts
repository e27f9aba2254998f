import { bringErrorFunction } from '../error-function.ts'
import { wrap } from '../graph/handle.ts'
import type { Tensor } from '../tensor.ts'
import { greater } from './comparison.ts'
import { unary } from './elementwise.ts'
import { exp, log1p } from './exponential.ts'
import { arithmeticType, castNode, floatType, nodeOf, type TensorLike } from './operand.ts'
import { where } from './where.ts'

/** The hyperbolic tangent. */
export function tanh(x: TensorLike): Tensor {
  return unary('tanh', 'tanh', x, floatType)
}

/** The logistic function `1 / (1 + e⁻ˣ)`. */
export function sigmoid(x: TensorLike): Tensor {
  return unary('sigmoid', 'sigmoid', x, floatType)
}

/** The error function `2/√π · ∫₀ˣ e^(−t²) dt`. */
export function erf(x: TensorLike): Tensor {
  bringErrorFunction()
  return unary('erf', 'erf', x, floatType)
}

/** `x` where it is positive, else 0; the gradient at 0 is 0. */
export function relu(x: TensorLike): Tensor {
  return unary('relu', 'relu', x, arithmeticType)
}

/** `log(1 + eˣ)`, without overflow. */
export function softplus(x: TensorLike): Tensor {
  const node = nodeOf('softplus', x)
  const input = wrap(castNode(node, floatType(node.dtype)))
  // Beyond 40 the result is x to the last bit, in float64 too.
  const linear = greater(input, 40)
  return where(linear, input, log1p(exp(where(linear, 0, input))))
}
