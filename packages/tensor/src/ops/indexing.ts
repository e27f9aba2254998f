import type { DType } from '../dtype.ts'
import { DTypeError, IndexError, ShapeError } from '../errors.ts'
import { build } from '../graph/build.ts'
import { wrap } from '../graph/handle.ts'
import type { Node } from '../graph/node.ts'
import { checkInteger, normaliseAxis, sameShape, type Shape, show, sizeOf } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { add } from './arithmetic.ts'
import { cast, checkDType } from './cast.ts'
import { equal } from './comparison.ts'
import { castNode, expandNode, nodeOf, reshapeNode, sumType, type TensorLike } from './operand.ts'

/** Which axis an index selects from. */
export interface IndexOptions {
  /** Default 0. */
  readonly axis?: number
}

/** An index in int32. Values that came from the host are checked now; others when they are used. */
function indexNode(operation: string, index: TensorLike, size: number): Node {
  const node = nodeOf(operation, index)
  if (node.dtype !== 'int32' && node.dtype !== 'uint8') {
    throw new DTypeError(`${operation}: an index must be int32 or uint8: got ${node.dtype}`)
  }
  if (node.op.kind === 'host') {
    const wrong = node.op.data.findIndex((i) => i < 0 || i >= size)
    if (wrong >= 0) {
      const at = show(positionOf(wrong, node.shape))
      throw new IndexError(
        `${operation}: index ${node.op.data[wrong]} at ${at} is out of range for an axis of size ${size}`,
      )
    }
  }
  if (size === 0 && sizeOf(node.shape) > 0)
    throw new IndexError(`${operation}: nothing to select: the axis has size 0`)
  return castNode(node, 'int32')
}

/** Row-major position `flat` as one index per axis. */
function positionOf(flat: number, shape: Shape): number[] {
  const position = [...shape]
  let rest = flat
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    position[axis] = rest % shape[axis]!
    rest = Math.floor(rest / shape[axis]!)
  }
  return position
}

function checkBeside(operation: string, index: Node, shape: Shape, axis: number): void {
  const fits =
    index.shape.length === shape.length && sameShape(index.shape.with(axis, 0), shape.with(axis, 0))
  if (!fits)
    throw new ShapeError(
      `${operation}: shapes differ beside axis ${axis}: ${show(shape)} and index ${show(index.shape)}`,
    )
}

/**
 * One element for each element of an index that has the rank of `x`: along axis 0,
 * `result[i, j] = x[index[i, j], j]`. Positions that occur more than once add up their gradients.
 *
 * @param index int32 or uint8; its shape is that of `x` but for the axis
 * @throws ShapeError when the shapes differ beside the axis
 * @throws IndexError when a position is out of range: here if it came from the host, else at evaluation
 */
export function gather(x: TensorLike, index: TensorLike, { axis = 0 }: IndexOptions = {}): Tensor {
  const source = nodeOf('gather', x)
  const along = normaliseAxis('gather', axis, source.shape)
  const positions = indexNode('gather', index, source.shape[along]!)
  checkBeside('gather', positions, source.shape, along)
  return wrap(gatherNode(source, positions, along))
}

/** `gather` of what has been checked. */
export function gatherNode(source: Node, index: Node, axis: number): Node {
  return build({ kind: 'gather', axis }, [source, index], index.shape, source.dtype)
}

/**
 * Whole slices of `x` at the positions of an index of any shape: rows of an embedding, items of a batch.
 *
 * @param index `I…`, int32 or uint8
 * @returns the shape of `x` with the axis replaced by `I…`
 * @throws IndexError when a position is out of range: here if it came from the host, else at evaluation
 * @example
 * ```ts
 * take(table, tensor([2, 0], { dtype: 'int32' })) // rows 2 and 0
 * ```
 */
export function take(x: TensorLike, index: TensorLike, { axis = 0 }: IndexOptions = {}): Tensor {
  const source = nodeOf('take', x)
  const { shape } = source
  const along = normaliseAxis('take', axis, shape)
  const positions = indexNode('take', index, shape[along]!)
  const count = sizeOf(positions.shape)
  const column = reshapeNode(positions, shape.map((_, a) => (a === along ? count : 1)))
  const taken = gatherNode(source, expandNode(column, shape.with(along, count)), along)
  return wrap(reshapeNode(taken, shape.toSpliced(along, 1, ...positions.shape)))
}

/**
 * `x` with each update added at its position: along axis 0, `result[index[i, j], j] += updates[i, j]`. The
 * order of additions is fixed, whatever the number of threads.
 *
 * @param index int32 or uint8, of the shape of `updates`, which is that of `x` but for the axis
 * @throws ShapeError when shapes differ
 * @throws IndexError when a position is out of range: here if it came from the host, else at evaluation
 */
export function scatterAdd(
  x: TensorLike,
  index: TensorLike,
  updates: TensorLike,
  { axis = 0 }: IndexOptions = {},
): Tensor {
  const base = nodeOf('scatterAdd', x)
  const along = normaliseAxis('scatterAdd', axis, base.shape)
  const positions = indexNode('scatterAdd', index, base.shape[along]!)
  checkBeside('scatterAdd', positions, base.shape, along)
  const values = nodeOf('scatterAdd', updates)
  if (values.shape.length > 0 && !sameShape(values.shape, positions.shape)) {
    throw new ShapeError(
      `scatterAdd: index and updates differ: ${show(positions.shape)} and ${show(values.shape)}`,
    )
  }
  const typed = castNode(expandNode(values, positions.shape), sumType(base.dtype))
  return add(wrap(base), wrap(scatterNode(typed, positions, along, base.shape[along]!)))
}

/** Updates summed at their positions in `size` zeros along an axis; all has been checked. */
export function scatterNode(updates: Node, index: Node, axis: number, size: number): Node {
  return build(
    { kind: 'scatterAdd', axis, size },
    [updates, index],
    updates.shape.with(axis, size),
    updates.dtype,
  )
}

/**
 * 1 at the position that each element of `indices` names on a new last axis, 0 elsewhere.
 *
 * @param indices `I…`, int32 or uint8
 * @param classes how many there are
 * @param options
 * @param options.dtype default float32
 * @returns `[I…, classes]`
 * @throws IndexError when a value from the host is not in `[0, classes)`; other values out of range give
 *   zeros throughout
 */
export function oneHot(
  indices: TensorLike,
  classes: number,
  { dtype = 'float32' }: { dtype?: DType } = {},
): Tensor {
  checkInteger('oneHot', 'the number of classes', classes, 1)
  const labels = indexNode('oneHot', indices, classes)
  const shape = [...labels.shape, classes]
  const column = expandNode(reshapeNode(labels, [...labels.shape, 1]), shape)
  const position = build({ kind: 'index', axis: labels.shape.length }, [], shape, 'int32')
  return cast(equal(wrap(column), wrap(position)), checkDType('oneHot', dtype))
}
