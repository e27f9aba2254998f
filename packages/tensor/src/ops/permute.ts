import { ShapeError } from '../errors.ts'
import { build } from '../graph/build.ts'
import { wrap } from '../graph/handle.ts'
import type { Node } from '../graph/node.ts'
import { normaliseAxis, show } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { nodeOf, type TensorLike } from './operand.ts'

/** Axis `axes[a]` of `x` becomes axis a. @throws ShapeError unless `axes` names each axis once */
export function permute(x: TensorLike, axes: readonly number[]): Tensor {
  const node = nodeOf('permute', x)
  const normal = axes.map((axis) => normaliseAxis('permute', axis, node.shape))
  if (normal.length !== node.shape.length || new Set(normal).size !== normal.length) {
    throw new ShapeError(`permute: axes must name each axis once: ${show(axes)} for ${show(node.shape)}`)
  }
  return wrap(permuteNode(node, normal))
}

/**
 * `x` with axes `a` and `b` exchanged, by default the last two.
 *
 * @throws ShapeError when one is out of range
 */
export function transpose(x: TensorLike, a = -1, b = -2): Tensor {
  const node = nodeOf('transpose', x)
  const first = normaliseAxis('transpose', a, node.shape)
  const second = normaliseAxis('transpose', b, node.shape)
  const axes = Array.from(node.shape, (_, axis) => (axis === first ? second : axis === second ? first : axis))
  return wrap(permuteNode(node, axes))
}

function permuteNode(x: Node, axes: readonly number[]): Node {
  if (axes.every((axis, a) => axis === a)) return x
  const {
    op,
    inputs: [below],
  } = x
  // Two permutations are one. A node that stops gradients must stay.
  if (op.kind === 'permute' && below && below.tracked === x.tracked)
    return permuteNode(
      below,
      axes.map((axis) => op.axes[axis]!),
    )
  return build(
    { kind: 'permute', axes },
    [x],
    axes.map((axis) => x.shape[axis]!),
    x.dtype,
  )
}

/** `x` with `axis` moved to the end. */
export function axisLast(x: Tensor, axis: number): Tensor {
  const axes = x.shape.map((_, a) => a)
  return wrap(permuteNode(x.node, [...axes.toSpliced(axis, 1), axis]))
}

/** `x` with its last axis moved to `axis`: undoes `axisLast`. */
export function axisBack(x: Tensor, axis: number): Tensor {
  const axes = x.shape.map((_, a) => a).slice(0, -1)
  return wrap(permuteNode(x.node, axes.toSpliced(axis, 0, axes.length)))
}
