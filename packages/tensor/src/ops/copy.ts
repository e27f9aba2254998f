import { buildCopy } from '../graph/build.ts'
import { wrap } from '../graph/handle.ts'
import type { Tensor } from '../tensor.ts'
import { nodeOf, type TensorLike } from './operand.ts'

/**
 * The same values as a tensor of their own: what is assigned to a cell later leaves its copy alone, once it
 * has been computed. The gradient passes.
 */
export function copy(x: TensorLike): Tensor {
  return wrap(buildCopy(nodeOf('copy', x), false))
}
