import { wrap } from '../graph/handle.ts'
import { dilateNode } from '../ops/dilate.ts'
import { padNode } from '../ops/pad.ts'
import { flip } from '../ops/slice.ts'
import { type Shape } from '../shape.ts'
import type { Tensor } from '../tensor.ts'

/**
 * The transpose of a slice: `x` put back at the positions it would have been taken from, in zeros of
 * `shape`.
 */
export function unslice(x: Tensor, start: readonly number[], step: readonly number[], shape: Shape): Tensor {
  const backwards = step.flatMap((s, axis) => (s < 0 ? [axis] : []))
  let node = (backwards.length > 0 ? flip(x, backwards) : x).node
  for (const [axis, s] of step.entries()) node = dilateNode(node, Math.abs(s), axis)
  const first = start.map((at, axis) => (step[axis]! < 0 ? at + step[axis]! * (x.shape[axis]! - 1) : at))
  const after = shape.map((size, axis) => size - first[axis]! - node.shape[axis]!)
  return wrap(padNode(node, first, after, 0))
}
