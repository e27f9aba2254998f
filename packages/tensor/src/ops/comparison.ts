import type { Tensor } from '../tensor.ts'
import { abs } from './arithmetic.ts'
import { binary } from './elementwise.ts'
import { logicalNot } from './logic.ts'
import { arithmeticType, nodeOf, type TensorLike } from './operand.ts'
import { wrap } from '../graph/handle.ts'
import type { BinaryOp } from '../graph/scalar.ts'

function compare(name: BinaryOp, operation: string, a: TensorLike, b: TensorLike): Tensor {
  return binary(name, operation, a, b, arithmeticType, () => 'bool')
}

/**
 * Whether `a = b`, element by element, as bool. NaN equals nothing.
 *
 * @throws ShapeError when the shapes do not broadcast
 */
export function equal(a: TensorLike, b: TensorLike): Tensor {
  return compare('equal', 'equal', a, b)
}

/** Whether `a ≠ b`, as bool. @throws ShapeError when the shapes do not broadcast */
export function notEqual(a: TensorLike, b: TensorLike): Tensor {
  return logicalNot(compare('equal', 'notEqual', a, b))
}

/** Whether `a < b`, as bool. @throws ShapeError when the shapes do not broadcast */
export function less(a: TensorLike, b: TensorLike): Tensor {
  return compare('less', 'less', a, b)
}

/** Whether `a ≤ b`, as bool. @throws ShapeError when the shapes do not broadcast */
export function lessEqual(a: TensorLike, b: TensorLike): Tensor {
  return compare('lessEqual', 'lessEqual', a, b)
}

/** Whether `a > b`, as bool. @throws ShapeError when the shapes do not broadcast */
export function greater(a: TensorLike, b: TensorLike): Tensor {
  return compare('less', 'greater', b, a)
}

/** Whether `a ≥ b`, as bool. @throws ShapeError when the shapes do not broadcast */
export function greaterEqual(a: TensorLike, b: TensorLike): Tensor {
  return compare('lessEqual', 'greaterEqual', b, a)
}

/** Whether x is NaN, as bool. */
export function isNaN(x: TensorLike): Tensor {
  const value = wrap(nodeOf('isNaN', x))
  return notEqual(value, value)
}

/** Whether x is neither infinite nor NaN, as bool. */
export function isFinite(x: TensorLike): Tensor {
  return less(abs(wrap(nodeOf('isFinite', x))), Infinity)
}
