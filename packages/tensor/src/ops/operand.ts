import { type DType, isFloat, promote } from '../dtype.ts'
import { DTypeError, GraphError } from '../errors.ts'
import { build } from '../graph/build.ts'
import { tensorMarker } from '../graph/handle.ts'
import type { Node, Op } from '../graph/node.ts'
import { broadcast, sameShape, type Shape } from '../shape.ts'
import type { Tensor } from '../tensor.ts'

/** What an operation takes where it takes a tensor. Parameters and States are tensors. */
export type TensorLike = Tensor | number | boolean

/** What the tensors of this copy of the package carry under the marker. */
export const thisCopy: object = Object.freeze({})

/** Whether `x` is a tensor, whichever copy of the package made it. */
export function isTensor(x: unknown): x is Tensor {
  return typeof x === 'object' && x !== null && tensorMarker in x
}

/** The node of a tensor; a number becomes a float32 constant of shape `[]`, a boolean a bool one. */
export function nodeOf(operation: string, x: TensorLike): Node {
  if (typeof x === 'number') return constantNode(x, [], 'float32')
  if (typeof x === 'boolean') return constantNode(Number(x), [], 'bool')
  if (!isTensor(x)) throw new DTypeError(`${operation}: expected a tensor or a number: got ${describe(x)}`)
  if ((x as unknown as Record<symbol, unknown>)[tensorMarker] !== thisCopy) {
    throw new GraphError(
      `${operation}: another copy of @badak/tensor is loaded and made this operand: ` +
        'install one version, as a dependency of the application',
    )
  }
  return x.node
}

function describe(x: unknown): string {
  if (Array.isArray(x)) return 'an array (make a tensor of it first: tensor([…]))'
  if (typeof x === 'object' && x !== null)
    return x instanceof Promise ? 'a promise (await it first)' : x.constructor?.name
  return String(x)
}

/** `value` everywhere. */
export function constantNode(value: number, shape: Shape, dtype: DType): Node {
  return build({ kind: 'constant', value }, [], shape, dtype)
}

/** Operations that need no more than their name, one object for all nodes. */
const CAST: Op = { kind: 'cast' }
const RESHAPE: Op = { kind: 'reshape' }
const EXPAND: Op = { kind: 'expand' }

export function castNode(x: Node, dtype: DType): Node {
  if (x.dtype === dtype) return x
  if (x.op.kind === 'constant' && holds(dtype, x.op.value)) return constantNode(x.op.value, x.shape, dtype)
  return build(CAST, [x], x.shape, dtype)
}

export function reshapeNode(x: Node, shape: Shape): Node {
  if (sameShape(x.shape, shape)) return x
  if (x.op.kind === 'constant') return constantNode(x.op.value, shape, x.dtype)
  return build(RESHAPE, [x], shape, x.dtype)
}

/** `x` with its axes of size 1 repeated and missing axes put in front; `shape` has been checked. */
export function expandNode(x: Node, shape: Shape): Node {
  if (sameShape(x.shape, shape)) return x
  if (x.op.kind === 'constant') return constantNode(x.op.value, shape, x.dtype)
  return build(EXPAND, [x], shape, x.dtype)
}

/**
 * The type in which a function with fractional values is computed: integers as float32, float16 as float32.
 */
export function floatType(dtype: DType): DType {
  return isFloat(dtype) ? promote(dtype, dtype) : 'float32'
}

/** The type in which sums are computed: bool and uint8 as int32, float16 as float32. */
export function sumType(dtype: DType): DType {
  return dtype === 'bool' || dtype === 'uint8' ? 'int32' : promote(dtype, dtype)
}

/** Arithmetic on booleans computes in int32. */
export function arithmeticType(dtype: DType): DType {
  return dtype === 'bool' ? 'int32' : promote(dtype, dtype)
}

const integerRange: Partial<Record<DType, readonly [number, number]>> = {
  bool: [0, 1], uint8: [0, 255], int32: [-(2 ** 31), 2 ** 31 - 1],
}

/** Whether `value` is an integer that `dtype` can hold; anything is, for floats. */
export function holds(dtype: DType, value: number): boolean {
  const range = integerRange[dtype]
  return range === undefined || (Number.isInteger(value) && value >= range[0] && value <= range[1])
}

/** A number takes the type of the tensor beside it, or the next one that can hold it. */
function typeBeside(dtype: DType, x: number | boolean): DType {
  if (typeof x === 'boolean' || holds(dtype, x)) return dtype
  return holds('int32', x) ? 'int32' : 'float32'
}

/** The type of `a ∘ b`. */
function commonType(a: TensorLike, b: TensorLike, left: Node, right: Node): DType {
  if (!isTensor(a) && isTensor(b)) return promote(typeBeside(right.dtype, a), right.dtype)
  if (isTensor(a) && !isTensor(b)) return promote(left.dtype, typeBeside(left.dtype, b))
  return promote(left.dtype, right.dtype)
}

/** Both operands in one shape and one type, which `type` may widen. */
export function operands(
  operation: string,
  a: TensorLike,
  b: TensorLike,
  type: (common: DType) => DType,
): [Node, Node] {
  const left = nodeOf(operation, a)
  const right = nodeOf(operation, b)
  const dtype = type(commonType(a, b, left, right))
  const shape = broadcast(operation, left.shape, right.shape)
  return [expandNode(castNode(left, dtype), shape), expandNode(castNode(right, dtype), shape)]
}
