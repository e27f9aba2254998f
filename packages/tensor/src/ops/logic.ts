import type { Tensor } from '../tensor.ts'
import { binary, unary } from './elementwise.ts'
import type { TensorLike } from './operand.ts'

const asBool = (): 'bool' => 'bool'

/** Whether both are true (not 0), as bool. @throws ShapeError when the shapes do not broadcast */
export function logicalAnd(a: TensorLike, b: TensorLike): Tensor {
  return binary('and', 'logicalAnd', a, b, asBool)
}

/** Whether at least one is true (not 0), as bool. @throws ShapeError when the shapes do not broadcast */
export function logicalOr(a: TensorLike, b: TensorLike): Tensor {
  return binary('or', 'logicalOr', a, b, asBool)
}

/** Whether exactly one is true (not 0), as bool. @throws ShapeError when the shapes do not broadcast */
export function logicalXor(a: TensorLike, b: TensorLike): Tensor {
  return binary('xor', 'logicalXor', a, b, asBool)
}

/** Whether x is false (0), as bool. */
export function logicalNot(x: TensorLike): Tensor {
  return unary('not', 'logicalNot', x, asBool)
}
