import { bringCumulativeSumKernels } from '../cumulative-sum-kernels.ts'
import { build } from '../graph/build.ts'
import { wrap } from '../graph/handle.ts'
import { normaliseAxis } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { castNode, nodeOf, sumType, type TensorLike } from './operand.ts'

/**
 * Running sums along an axis: `[a, b, c]` gives `[a, a + b, a + b + c]`. Booleans and uint8 add up as int32.
 *
 * @param x any rank ≥ 1
 * @param options
 * @param options.axis default: the last one
 * @throws ShapeError when the axis is out of range
 */
export function cumsum(x: TensorLike, { axis = -1 }: { axis?: number } = {}): Tensor {
  bringCumulativeSumKernels()
  const node = nodeOf('cumsum', x)
  const along = normaliseAxis('cumsum', axis, node.shape)
  const values = castNode(node, sumType(node.dtype))
  return wrap(build({ kind: 'cumulativeSum', axis: along }, [values], values.shape, values.dtype))
}
