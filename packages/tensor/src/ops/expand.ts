import { ShapeError } from '../errors.ts'
import { wrap } from '../graph/handle.ts'
import { checkShape, type Shape, show } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { expandNode, nodeOf, type TensorLike } from './operand.ts'

/**
 * `x` repeated along its axes of size 1, without a copy; new axes come in front. A size of `-1` keeps that
 * of `x`.
 *
 * @throws ShapeError when an axis of another size than 1 would change
 */
export function expand(x: TensorLike, shape: Shape): Tensor {
  const node = nodeOf('expand', x)
  const added = shape.length - node.shape.length
  const wanted = checkShape('expand', shape.map((n, axis) => (n === -1 ? node.shape[axis - added] ?? -1 : n)))
  const fits = added >= 0 && node.shape.every((n, axis) => n === 1 || n === wanted[axis + added])
  if (!fits) throw new ShapeError(`expand: ${show(node.shape)} does not broadcast to ${show(shape)}`)
  return wrap(expandNode(node, wanted))
}
