import { isFloat } from '../dtype.ts'
import { wrap } from '../graph/handle.ts'
import type { Node } from '../graph/node.ts'
import type { Tensor } from '../tensor.ts'
import { div, mul } from './arithmetic.ts'
import { binary, unary } from './elementwise.ts'
import {
  arithmeticType,
  castNode,
  constantNode,
  floatType,
  holds,
  nodeOf,
  type TensorLike,
} from './operand.ts'

/**
 * `aᵇ`. Integers to a constant integer power ≥ 0 stay integers (and wrap around); any other power of
 * integers is float32. The gradient with respect to `a` is 0 where `b` is 0; with respect to `b` it is 0
 * where `a` is 0 and `b` ≥ 0.
 *
 * @throws ShapeError when the shapes do not broadcast
 */
export function pow(a: TensorLike, b: TensorLike): Tensor {
  if (typeof b !== 'number') return binary('pow', 'pow', a, b, floatType)
  const x = nodeOf('pow', a)
  if (b === 0.5) return sqrt(wrap(x))
  const whole = holds('int32', b) && b >= 0
  if (!isFloat(x.dtype) && whole) return integerPower(castNode(x, arithmeticType(x.dtype)), b)
  if (b === 2) return square(wrap(x))
  if (b === -1) return div(1, wrap(x))
  return binary('pow', 'pow', wrap(x), b, floatType)
}

/** Square and multiply. */
function integerPower(base: Node, exponent: number): Tensor {
  let result: Tensor | undefined
  let square: Tensor = wrap(base)
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = result === undefined ? square : mul(result, square)
    if (rest > 1) square = mul(square, square)
  }
  return result ?? wrap(constantNode(1, base.shape, base.dtype))
}

/** `x²`. */
export function square(x: TensorLike): Tensor {
  const node = nodeOf('square', x)
  return mul(wrap(node), wrap(node))
}

/** `1 / x`; float32 for integers. */
export function reciprocal(x: TensorLike): Tensor {
  return div(1, wrap(nodeOf('reciprocal', x)))
}

/** `√x`, NaN below 0; the gradient at 0 is infinite. */
export function sqrt(x: TensorLike): Tensor {
  return unary('sqrt', 'sqrt', x, floatType)
}

/** `1 / √x`. */
export function rsqrt(x: TensorLike): Tensor {
  return div(1, sqrt(x))
}
