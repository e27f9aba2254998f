import { bringDivisionFunctions } from '../division-functions.ts'
import type { Tensor } from '../tensor.ts'
import { binary, unary } from './elementwise.ts'
import { arithmeticType, floatType, type TensorLike } from './operand.ts'

/**
 * `a + b`, with NumPy broadcasting. A number takes the type of the tensor; booleans add up as int32.
 *
 * @throws ShapeError when the shapes do not broadcast
 * @example
 * ```ts
 * add(tensor([[1, 2], [3, 4]]), tensor([10, 20])) // [[11, 22], [13, 24]]
 * ```
 */
export function add(a: TensorLike, b: TensorLike): Tensor {
  return binary('add', 'add', a, b, arithmeticType)
}

/** `a − b`, with NumPy broadcasting. @throws ShapeError when the shapes do not broadcast */
export function sub(a: TensorLike, b: TensorLike): Tensor {
  return binary('sub', 'sub', a, b, arithmeticType)
}

/**
 * `a · b`, element by element, with NumPy broadcasting.
 *
 * @throws ShapeError when the shapes do not broadcast
 */
export function mul(a: TensorLike, b: TensorLike): Tensor {
  return binary('mul', 'mul', a, b, arithmeticType)
}

/** `a / b`; integers divide as float32. @throws ShapeError when the shapes do not broadcast */
export function div(a: TensorLike, b: TensorLike): Tensor {
  return binary('div', 'div', a, b, floatType)
}

/**
 * `⌊a / b⌋`, as NumPy's `//`; an integer divided by 0 gives 0.
 *
 * @throws ShapeError when the shapes do not broadcast
 */
export function floorDiv(a: TensorLike, b: TensorLike): Tensor {
  bringDivisionFunctions()
  return binary('floorDiv', 'floorDiv', a, b, arithmeticType)
}

/**
 * `a − b·⌊a / b⌋`: the remainder with the sign of `b`.
 *
 * @throws ShapeError when the shapes do not broadcast
 */
export function mod(a: TensorLike, b: TensorLike): Tensor {
  bringDivisionFunctions()
  return binary('mod', 'mod', a, b, arithmeticType)
}

/** The greater of both, NaN if either is; equal operands share the gradient. @throws ShapeError */
export function maximum(a: TensorLike, b: TensorLike): Tensor {
  return binary('max', 'maximum', a, b, arithmeticType)
}

/** The lesser of both, NaN if either is; equal operands share the gradient. @throws ShapeError */
export function minimum(a: TensorLike, b: TensorLike): Tensor {
  return binary('min', 'minimum', a, b, arithmeticType)
}

/** `−x`. */
export function neg(x: TensorLike): Tensor {
  return unary('neg', 'neg', x, arithmeticType)
}

/** `|x|`; the gradient at 0 is 0. */
export function abs(x: TensorLike): Tensor {
  return unary('abs', 'abs', x, arithmeticType)
}

/** −1, 0 or 1; NaN for NaN. */
export function sign(x: TensorLike): Tensor {
  return unary('sign', 'sign', x, arithmeticType)
}
