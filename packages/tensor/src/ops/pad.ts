import { ShapeError } from '../errors.ts'
import { build } from '../graph/build.ts'
import { wrap } from '../graph/handle.ts'
import type { Node } from '../graph/node.ts'
import { checkInteger, sameShape, show } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { castNode, holds, nodeOf, type TensorLike } from './operand.ts'

/**
 * `x` with `before` and `after` elements of `value` put around each axis.
 *
 * @param x any shape
 * @param widths one `[before, after]` per axis, integers ≥ 0
 * @param options
 * @param options.value default 0; a fraction makes integers float32
 * @throws ShapeError when there is not one pair per axis
 * @throws ValueError when a width is no integer ≥ 0
 */
export function pad(
  x: TensorLike,
  widths: readonly (readonly [before: number, after: number])[],
  { value = 0 }: { value?: number } = {},
): Tensor {
  const node = nodeOf('pad', x)
  const pairs =
    Array.isArray(widths) && widths.length === node.shape.length && widths.every((w) => w?.length === 2)
  if (!pairs)
    throw new ShapeError(`pad: expected one pair [before, after] for each axis of ${show(node.shape)}`)
  for (const width of widths.flat()) checkInteger('pad', 'a width', width, 0)
  const typed = holds(node.dtype, value) ? node : castNode(node, 'float32')
  return wrap(padNode(typed, widths.map(([before]) => before), widths.map(([, after]) => after), value))
}

/** `x` with `before[a]` and `after[a]` elements of `value` around each axis a. */
export function padNode(x: Node, before: readonly number[], after: readonly number[], value: number): Node {
  const shape = x.shape.map((size, axis) => before[axis]! + size + after[axis]!)
  return sameShape(shape, x.shape) ? x : build({ kind: 'pad', before, value }, [x], shape, x.dtype)
}
