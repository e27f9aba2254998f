import { wrap } from '../graph/handle.ts'
import type { Node } from '../graph/node.ts'
import { checkInteger, normaliseAxis } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { nodeOf, reshapeNode, type TensorLike } from './operand.ts'
import { padNode } from './pad.ts'
import { blockNode } from './slice.ts'

/**
 * `step − 1` zeros between neighbours along an axis: `[a, b]` in steps of 3 is `[a, 0, 0, b]`. A slice in
 * steps of `step` undoes it.
 *
 * @param x any rank ≥ 1
 * @param step distance between elements that were neighbours
 * @param options
 * @param options.axis default 0
 * @throws ValueError when `step` is no integer ≥ 1
 */
export function dilate(x: TensorLike, step: number, { axis = 0 }: { axis?: number } = {}): Tensor {
  const node = nodeOf('dilate', x)
  const along = normaliseAxis('dilate', axis, node.shape)
  return wrap(dilateNode(node, checkInteger('dilate', 'the step', step, 1), along))
}

/** `dilate` of what has been checked: each element becomes the first of a group, the last one alone. */
export function dilateNode(x: Node, step: number, axis: number): Node {
  const size = x.shape[axis]!
  if (step === 1 || size <= 1) return x
  const none = [...x.shape, 0].map(() => 0)
  const groups = padNode(
    reshapeNode(x, x.shape.toSpliced(axis + 1, 0, 1)),
    none,
    none.with(axis + 1, step - 1),
    0,
  )
  const merged = reshapeNode(groups, x.shape.with(axis, size * step))
  return blockNode(
    merged,
    x.shape.map(() => 0),
    x.shape.with(axis, (size - 1) * step + 1),
  )
}
