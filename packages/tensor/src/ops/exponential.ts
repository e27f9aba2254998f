import { wrap } from '../graph/handle.ts'
import type { Tensor } from '../tensor.ts'
import { add, mul, neg, sub } from './arithmetic.ts'
import { unary } from './elementwise.ts'
import { castNode, floatType, nodeOf, type TensorLike } from './operand.ts'

/** `eˣ`. */
export function exp(x: TensorLike): Tensor {
  return unary('exp', 'exp', x, floatType)
}

/** `eˣ − 1`, exact for small x. */
export function expm1(x: TensorLike): Tensor {
  return unary('expm1', 'expm1', x, floatType)
}

/** The natural logarithm; −∞ at 0, NaN below. */
export function log(x: TensorLike): Tensor {
  return unary('log', 'log', x, floatType)
}

/** `log(1 + x)`, exact for small x. */
export function log1p(x: TensorLike): Tensor {
  return unary('log1p', 'log1p', x, floatType)
}

/** The logarithm to base 2. */
export function log2(x: TensorLike): Tensor {
  return mul(unary('log', 'log2', x, floatType), Math.LOG2E)
}

/** The logarithm to base 10. */
export function log10(x: TensorLike): Tensor {
  return mul(unary('log', 'log10', x, floatType), Math.LOG10E)
}

/** `(eˣ − e⁻ˣ) / 2`, exact for small x. */
export function sinh(x: TensorLike): Tensor {
  const half = halved('sinh', x)
  // eˣ − 1 = m(m + 2) with m = e^(x/2) − 1: nothing is infinite before the result is.
  const expm1Half = (m: Tensor): Tensor => mul(mul(0.5, m), add(m, 2))
  return sub(expm1Half(expm1(half)), expm1Half(expm1(neg(half))))
}

/** `(eˣ + e⁻ˣ) / 2`. */
export function cosh(x: TensorLike): Tensor {
  const half = halved('cosh', x)
  const expHalf = (m: Tensor): Tensor => mul(mul(0.5, m), m)
  return add(expHalf(exp(half)), expHalf(exp(neg(half))))
}

function halved(operation: string, x: TensorLike): Tensor {
  const node = nodeOf(operation, x)
  return mul(0.5, wrap(castNode(node, floatType(node.dtype))))
}
