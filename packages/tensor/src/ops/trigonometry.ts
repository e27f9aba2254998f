import type { Tensor } from '../tensor.ts'
import { abs, add, div, mul, sign, sub } from './arithmetic.ts'
import { equal, less } from './comparison.ts'
import { unary } from './elementwise.ts'
import { logicalAnd } from './logic.ts'
import { constantNode, floatType, operands, type TensorLike } from './operand.ts'
import { sqrt } from './power.ts'
import { where } from './where.ts'
import { wrap } from '../graph/handle.ts'
import { bringTrigonometricFunctions } from '../trigonometric-functions.ts'

function trigonometric(name: 'sin' | 'cos' | 'atan', operation: string, x: TensorLike): Tensor {
  bringTrigonometricFunctions()
  return unary(name, operation, x, floatType)
}

/** The sine of x in radians. */
export function sin(x: TensorLike): Tensor {
  return trigonometric('sin', 'sin', x)
}

/** The cosine of x in radians. */
export function cos(x: TensorLike): Tensor {
  return trigonometric('cos', 'cos', x)
}

/** The tangent of x in radians. */
export function tan(x: TensorLike): Tensor {
  return div(trigonometric('sin', 'tan', x), cos(x))
}

/** The angle in [−π/2, π/2] whose sine is x; NaN outside of [−1, 1]. */
export function asin(x: TensorLike): Tensor {
  // tan(asin x) = x / √(1 − x²), and x / 0 = ±∞ has the arctangent ±π/2.
  return atan(div(x, sqrt(mul(sub(1, x), add(1, x)))))
}

/** The angle in [0, π] whose cosine is x; NaN outside of [−1, 1]. */
export function acos(x: TensorLike): Tensor {
  // The half angle: tan(acos(x) / 2) = √((1 − x) / (1 + x)), without cancellation at either end.
  return mul(2, atan(sqrt(div(sub(1, x), add(1, x)))))
}

/** The angle in [−π/2, π/2] whose tangent is x. */
export function atan(x: TensorLike): Tensor {
  return trigonometric('atan', 'atan', x)
}

/**
 * The angle of the point `(x, y)` against the x axis, in [−π, π]; 0 for the origin. Both zeros are taken as
 * positive.
 *
 * @throws ShapeError when the shapes do not broadcast
 */
export function atan2(y: TensorLike, x: TensorLike): Tensor {
  const [rise, run] = operands('atan2', y, x, floatType)
  const infinite = logicalAnd(equal(abs(wrap(rise)), Infinity), equal(abs(wrap(run)), Infinity))
  const b = where(infinite, sign(wrap(rise)), wrap(rise))
  const a = where(infinite, sign(wrap(run)), wrap(run))
  // Nearer to the y axis the angle is measured from there, so that no quotient exceeds 1.
  const flat = less(abs(b), abs(a))
  const origin = logicalAnd(equal(a, 0), equal(b, 0))
  const quotient = atan(div(where(flat, b, a), where(origin, 1, where(flat, a, b))))
  const right = (angle: number): Tensor => wrap(constantNode(angle, rise.shape, rise.dtype))
  const half = where(less(b, 0), right(-Math.PI / 2), right(Math.PI / 2))
  const fromX = add(quotient, where(less(a, 0), mul(2, half), 0))
  const fromY = where(origin, 0, sub(half, quotient))
  return where(flat, fromX, fromY)
}
