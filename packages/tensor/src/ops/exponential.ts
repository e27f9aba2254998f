import type { Tensor } from '../tensor.ts'
import { add, mul, neg, sub } from './arithmetic.ts'
import { unary } from './elementwise.ts'
import { floatType, type TensorLike } from './operand.ts'

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
  const up = unary('expm1', 'sinh', x, floatType)
  return mul(0.5, sub(up, expm1(neg(x))))
}

/** `(eˣ + e⁻ˣ) / 2`. */
export function cosh(x: TensorLike): Tensor {
  const up = unary('exp', 'cosh', x, floatType)
  return mul(0.5, add(up, exp(neg(x))))
}
