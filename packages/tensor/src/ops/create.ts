import { type DType, isFloat, type TypedArray, typedArray } from '../dtype.ts'
import { DTypeError, ShapeError, ValueError } from '../errors.ts'
import { toFloat16 } from '../float16.ts'
import { build } from '../graph/build.ts'
import { wrap } from '../graph/handle.ts'
import { checkInteger, checkShape, type Shape, show, sizeOf } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { cast, checkDType } from './cast.ts'
import { equal } from './comparison.ts'
import { constantNode, holds, isTensor } from './operand.ts'

/** Numbers or booleans in lists of lists, all of equal lengths. */
export type NestedArray = number | boolean | readonly NestedArray[]

/** Binary data. A Uint16Array holds float16 patterns if `dtype` says so, else numbers. */
export type BinaryArray =
  | Float32Array
  | Float64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint16Array
  | Uint8Array
  | Uint8ClampedArray

/** What the elements of a new tensor are. */
export interface DTypeOptions {
  /** Default float32, unless the operation says otherwise. */
  readonly dtype?: DType | undefined
}

/** Options of `tensor`. */
export interface TensorOptions extends DTypeOptions {
  /** Default: that of the nested lists, or one axis for a typed array. */
  readonly shape?: Shape | undefined
}

/**
 * A tensor from a number, nested lists, or a typed array in row-major order. The data is copied.
 *
 * Numbers become float32 and booleans bool; a Float32Array, Float64Array, Int32Array or Uint8Array keeps
 * its type, other integer arrays become int32. Fractions lose their fractional part on the way to an
 * integer type.
 *
 * @throws ShapeError when lists are ragged or the shape does not fit the number of elements
 * @throws DTypeError when something is neither a number nor a boolean
 * @throws ValueError when an integer type cannot hold a number (NaN among them)
 * @example
 * ```ts
 * tensor([[1, 2], [3, 4]])
 * tensor(new Float32Array(6), { shape: [2, 3] })
 * tensor([0, 2], { dtype: 'int32' })
 * ```
 */
export function tensor(data: NestedArray | BinaryArray, options: TensorOptions = {}): Tensor {
  const dtype = options.dtype === undefined ? undefined : checkDType('tensor', options.dtype)
  const { values, shape, own } = ArrayBuffer.isView(data) ? fromBinary(data, dtype) : fromNested(data)
  const wanted = options.shape === undefined ? shape : checkShape('tensor', options.shape)
  if (sizeOf(wanted) !== values.length) {
    throw new ShapeError(
      `tensor: shape ${show(wanted)} has ${sizeOf(wanted)} elements, the data ${values.length}`,
    )
  }
  const type = dtype ?? own
  return hostTensor(
    values instanceof Uint16Array ? values : convert('tensor', values, type, wanted),
    wanted,
    type,
  )
}

function hostTensor(data: TypedArray, shape: Shape, dtype: DType): Tensor {
  return wrap(build({ kind: 'host', data }, [], shape, dtype))
}

interface HostValues {
  readonly values: ArrayLike<number>
  readonly shape: number[]
  /** The type that goes with the data. */
  readonly own: DType
}

/** @throws DTypeError for arrays of big integers and the like */
function fromBinary(data: ArrayBufferView, dtype: DType | undefined): HostValues {
  const { length: size } = data as unknown as ArrayLike<number>
  const values = data as unknown as ArrayLike<number>
  const of = (own: DType): HostValues => ({ values, shape: [size], own })
  switch (data.constructor.name) {
    case 'Float16Array':
      return of('float16')
    case 'Float32Array':
      return of('float32')
    case 'Float64Array':
      return of('float64')
    case 'Uint8Array':
    case 'Uint8ClampedArray':
    case 'Buffer':
      return of('uint8')
    case 'Int8Array':
    case 'Int16Array':
    case 'Int32Array':
      return of('int32')
    case 'Uint16Array':
      if (dtype === 'float16') return { values: Uint16Array.from(values), shape: [size], own: 'float16' }
      return { values: Int32Array.from(values), shape: [size], own: 'int32' }
    default:
      throw new DTypeError(`tensor: no element type for the elements of a ${data.constructor.name}`)
  }
}

/** Flattens nested lists. @throws ShapeError when they are ragged */
function fromNested(data: NestedArray): HostValues {
  const shape: number[] = []
  for (let level: unknown = data; Array.isArray(level); level = level[0]) shape.push(level.length)
  const values: number[] = []
  let booleans = true
  const path: number[] = []
  const visit = (item: unknown, depth: number): void => {
    const size = shape[depth]
    if (Array.isArray(item) ? item.length !== size : size !== undefined) {
      throw ragged(item, size, path.slice(0, depth))
    }
    if (Array.isArray(item)) {
      item.forEach((inner, i) => {
        path[depth] = i
        visit(inner, depth + 1)
      })
      return
    }
    if (typeof item !== 'number' && typeof item !== 'boolean') {
      const what = isTensor(item) ? 'a tensor (use stack or concat)' : String(item)
      throw new DTypeError(`tensor: elements must be numbers or booleans: got ${what} at ${show(path)}`)
    }
    if (typeof item === 'number') booleans = false
    values.push(Number(item))
  }
  visit(data, 0)
  return { values, shape, own: booleans && values.length > 0 ? 'bool' : 'float32' }
}

/** `expected` is the length of the first list on this level, undefined where the first item is no list. */
function ragged(item: unknown, expected: number | undefined, path: readonly number[]): ShapeError {
  const list = (length: number | undefined): string =>
    length === undefined ? 'no list' : `a list of ${length}`
  const found = list(Array.isArray(item) ? item.length : undefined)
  return new ShapeError(
    `tensor: ragged lists: ${found} at ${show(path)}, where the first ones have ${list(expected)}`,
  )
}

/** A copy of `values` as elements of `dtype`. @throws ValueError when an integer type cannot hold one */
function convert(operation: string, values: ArrayLike<number>, dtype: DType, shape: Shape): TypedArray {
  const data = typedArray(dtype, values.length)
  if (dtype === 'float16') return Uint16Array.from(values, toFloat16)
  if (dtype === 'bool') return Uint8Array.from(values, (value) => (value === 0 ? 0 : 1))
  if (!isFloat(dtype) && values.constructor !== data.constructor)
    checkIntegers(operation, values, dtype, shape)
  data.set(values)
  return data
}

function checkIntegers(operation: string, values: ArrayLike<number>, dtype: DType, shape: Shape): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (!holds(dtype, Math.trunc(value))) {
      throw new ValueError(`${operation}: ${dtype} cannot hold ${value} at position ${i} of ${show(shape)}`)
    }
  }
}

/** Zeros. @throws ShapeError when a size is no integer ≥ 0 */
export function zeros(shape: Shape, options: DTypeOptions = {}): Tensor {
  return filled('zeros', shape, 0, options.dtype ?? 'float32')
}

/** Ones. @throws ShapeError when a size is no integer ≥ 0 */
export function ones(shape: Shape, options: DTypeOptions = {}): Tensor {
  return filled('ones', shape, 1, options.dtype ?? 'float32')
}

/**
 * `value` everywhere; bool for a boolean.
 *
 * @throws ShapeError when a size is no integer ≥ 0
 * @throws ValueError when an integer type cannot hold the value
 */
export function full(shape: Shape, value: number | boolean, options: DTypeOptions = {}): Tensor {
  return filled(
    'full',
    shape,
    Number(value),
    options.dtype ?? (typeof value === 'boolean' ? 'bool' : 'float32'),
  )
}

function filled(operation: string, shape: Shape, value: number, dtype: DType): Tensor {
  const checked = checkShape(operation, shape)
  const [rounded] = convert(operation, [value], checkDType(operation, dtype), [])
  return wrap(constantNode(dtype === 'float16' ? value : rounded!, checked, dtype))
}

/**
 * `start, start + step, …`, up to but without `stop`; `arange(n)` counts from 0.
 *
 * @param options.dtype default float32
 * @throws ValueError when `step` is 0 or something is not finite
 */
export function arange(start: number, stop?: number, step = 1, options: DTypeOptions = {}): Tensor {
  const [from, to] = stop === undefined ? [0, start] : [start, stop]
  if (![from, to, step].every(Number.isFinite))
    throw new ValueError(`arange: bounds must be finite: ${show([from, to, step])}`)
  if (step === 0) throw new ValueError('arange: the step is 0')
  const count = Math.max(0, Math.ceil((to - from) / step))
  const dtype = checkDType('arange', options.dtype ?? 'float32')
  const values = Float64Array.from({ length: count }, (_, i) => from + i * step)
  return hostTensor(convert('arange', values, dtype, [count]), [count], dtype)
}

/** `count` numbers in equal steps from `start` to `stop`, both included. @throws ValueError */
export function linspace(start: number, stop: number, count: number, options: DTypeOptions = {}): Tensor {
  if (![start, stop].every(Number.isFinite))
    throw new ValueError(`linspace: bounds must be finite: ${show([start, stop])}`)
  checkInteger('linspace', 'count', count, 0)
  const dtype = checkDType('linspace', options.dtype ?? 'float32')
  const last = count - 1
  const values = Float64Array.from({ length: count }, (_, i) =>
    i === last && i > 0 ? stop : start + ((stop - start) * i) / (last || 1),
  )
  return hostTensor(convert('linspace', values, dtype, [count]), [count], dtype)
}

/**
 * `[rows, columns]` with ones on the diagonal; square by default.
 *
 * @throws ValueError when a size is no integer ≥ 0
 */
export function eye(rows: number, columns = rows, options: DTypeOptions = {}): Tensor {
  const shape = [checkInteger('eye', 'rows', rows, 0), checkInteger('eye', 'columns', columns, 0)]
  const position = (axis: number): Tensor => wrap(build({ kind: 'index', axis }, [], shape, 'int32'))
  return cast(equal(position(0), position(1)), checkDType('eye', options.dtype ?? 'float32'))
}

/**
 * A tensor whose values are read anew at each run of the plan it is in: a learning rate, a step count.
 *
 * @param read gives the values, as many as `shape` holds
 * @throws ShapeError from the evaluation, when it gives another number of values
 */
export function live(shape: Shape, dtype: DType, read: () => TypedArray | readonly number[]): Tensor {
  const checked = checkShape('live', shape)
  const type = checkDType('live', dtype)
  const size = sizeOf(checked)
  const typed = (): TypedArray => {
    const values = read()
    if (values.length !== size)
      throw new ShapeError(`live: shape ${show(checked)} has ${size} elements, got ${values.length}`)
    return ArrayBuffer.isView(values) && values.constructor === typedArray(type, 0).constructor
      ? values
      : convert('live', values, type, checked)
  }
  return wrap(build({ kind: 'live', read: typed }, [], checked, type))
}
