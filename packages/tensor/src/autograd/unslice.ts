import { wrap } from '../graph/handle.ts'
import { reshapeNode } from '../ops/operand.ts'
import { padNode } from '../ops/pad.ts'
import { blockNode, flip } from '../ops/slice.ts'
import { type Shape } from '../shape.ts'
import type { Tensor } from '../tensor.ts'

/**
 * The transpose of a slice: `x` put back at the positions it would have been taken from, in zeros of
 * `shape`.
 */
export function unslice(x: Tensor, start: readonly number[], step: readonly number[], shape: Shape): Tensor {
  const backwards = step.flatMap((s, axis) => (s < 0 ? [axis] : []))
  let node = (backwards.length > 0 ? flip(x, backwards) : x).node
  for (const [axis, s] of step.entries()) node = spread(wrap(node), axis, Math.abs(s)).node
  const first = start.map((at, axis) => (step[axis]! < 0 ? at + step[axis]! * (x.shape[axis]! - 1) : at))
  const after = shape.map((size, axis) => size - first[axis]! - node.shape[axis]!)
  return wrap(padNode(node, first, after, 0))
}

/** `step − 1` zeros between neighbours along an axis: each element becomes the first of a group. */
function spread(x: Tensor, axis: number, step: number): Tensor {
  const { node } = x
  const size = x.shape[axis]!
  if (step === 1 || size <= 1) return x
  const none = [...x.shape, 0].map(() => 0)
  const groups = padNode(
    reshapeNode(node, x.shape.toSpliced(axis + 1, 0, 1)),
    none,
    none.with(axis + 1, step - 1),
    0,
  )
  const merged = reshapeNode(groups, x.shape.with(axis, size * step))
  return wrap(blockNode(merged, x.shape.map(() => 0), x.shape.with(axis, (size - 1) * step + 1)))
}
