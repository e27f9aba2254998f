import { build } from '../graph/build.ts'
import { wrap } from '../graph/handle.ts'
import { broadcast } from '../shape.ts'
import type { Op } from '../graph/node.ts'
import type { Tensor } from '../tensor.ts'
import { castNode, expandNode, nodeOf, operands, type TensorLike } from './operand.ts'

const WHERE: Op = { kind: 'where' }

/**
 * `a` where the condition holds (is not 0), else `b`; all three broadcast. What is not taken passes no
 * gradient, so a NaN in it leaks only if it was computed from the same input.
 *
 * @throws ShapeError when the shapes do not broadcast
 * @example
 * ```ts
 * where(greater(x, 0), x, mul(x, 0.01)) // leaky ReLU
 * ```
 */
export function where(condition: TensorLike, a: TensorLike, b: TensorLike): Tensor {
  const [left, right] = operands('where', a, b, (dtype) => dtype)
  const test = castNode(nodeOf('where', condition), 'bool')
  const shape = broadcast('where', test.shape, left.shape)
  const inputs = [expandNode(test, shape), expandNode(left, shape), expandNode(right, shape)]
  return wrap(build(WHERE, inputs, shape, left.dtype))
}
