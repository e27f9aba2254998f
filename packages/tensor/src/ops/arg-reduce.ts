import { ShapeError } from '../errors.ts'
import { build } from '../graph/build.ts'
import { wrap } from '../graph/handle.ts'
import { normaliseAxis, show, sizeOf } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { arithmeticType, castNode, nodeOf, reshapeNode, type TensorLike } from './operand.ts'
import { dropAxes } from './reduce.ts'

/** Along which axis a position is looked for. */
export interface ArgReduceOptions {
  /** Default: `x` is taken as one row. */
  readonly axis?: number
  /** Whether the axis stays, with size 1; default `false`. */
  readonly keepDims?: boolean
}

/**
 * The position of the greatest element, int32: the first of equals; the first NaN if there is one.
 *
 * @throws ShapeError when the axis is out of range or empty
 */
export function argmax(x: TensorLike, options: ArgReduceOptions = {}): Tensor {
  return argReduce('argmax', x, options)
}

/**
 * The position of the least element, int32: the first of equals; the first NaN if there is one.
 *
 * @throws ShapeError when the axis is out of range or empty
 */
export function argmin(x: TensorLike, options: ArgReduceOptions = {}): Tensor {
  return argReduce('argmin', x, options)
}

function argReduce(name: 'argmax' | 'argmin', x: TensorLike, { axis, keepDims }: ArgReduceOptions): Tensor {
  const given = nodeOf(name, x)
  const typed = castNode(given, arithmeticType(given.dtype))
  const node = axis === undefined ? reshapeNode(typed, [sizeOf(typed.shape)]) : typed
  const along = axis === undefined ? 0 : normaliseAxis(name, axis, node.shape)
  if (node.shape[along] === 0)
    throw new ShapeError(`${name}: an empty axis has no elements: ${show(given.shape)}`)
  const found = build({ kind: 'argReduce', name, axis: along }, [node], node.shape.with(along, 1), 'int32')
  if (axis === undefined) return wrap(reshapeNode(found, keepDims ? given.shape.map(() => 1) : []))
  return wrap(dropAxes(found, [along], keepDims))
}
