import { isFloat } from '../dtype.ts'
import { wrap } from '../graph/handle.ts'
import type { Tensor } from '../tensor.ts'
import { unary } from './elementwise.ts'
import { arithmeticType, castNode, nodeOf, type TensorLike } from './operand.ts'

/** Integers are whole already. */
function rounding(name: 'floor' | 'ceil' | 'round', x: TensorLike): Tensor {
  const node = nodeOf(name, x)
  return isFloat(node.dtype)
    ? unary(name, name, x, arithmeticType)
    : wrap(castNode(node, arithmeticType(node.dtype)))
}

/** The greatest whole number ≤ x. */
export function floor(x: TensorLike): Tensor {
  return rounding('floor', x)
}

/** The least whole number ≥ x. */
export function ceil(x: TensorLike): Tensor {
  return rounding('ceil', x)
}

/** The nearest whole number; halves go to the even one. */
export function round(x: TensorLike): Tensor {
  return rounding('round', x)
}
