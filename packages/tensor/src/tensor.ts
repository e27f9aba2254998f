// First, so that the code that writes kernels lies together in bundles: alike as it is, it compresses better.
import { readNode } from './schedule/evaluate.ts'
import { backward } from './autograd/backward.ts'
import type { DType, TypedArray } from './dtype.ts'
import { ShapeError } from './errors.ts'
import { fromFloat16 } from './float16.ts'
import { registerHandle, tensorMarker } from './graph/handle.ts'
import type { Node } from './graph/node.ts'
import { relu, sigmoid, softplus, tanh } from './ops/activation.ts'
import { argmax, argmin, type ArgReduceOptions } from './ops/arg-reduce.ts'
import { abs, add, div, maximum, minimum, mul, neg, sign, sub } from './ops/arithmetic.ts'
import { cast } from './ops/cast.ts'
import { clamp } from './ops/clamp.ts'
import { copy } from './ops/copy.ts'
import { equal, greater, greaterEqual, isFinite, isNaN, less, lessEqual, notEqual } from './ops/comparison.ts'
import { repeat, split, tile } from './ops/concat.ts'
import { expand } from './ops/expand.ts'
import { cosh, exp, expm1, log, log10, log1p, log2, sinh } from './ops/exponential.ts'
import { gather, type IndexOptions, scatterAdd, take } from './ops/indexing.ts'
import { logicalAnd, logicalNot, logicalOr, logicalXor } from './ops/logic.ts'
import { matmul } from './ops/matmul.ts'
import { type TensorLike, thisCopy } from './ops/operand.ts'
import { pad } from './ops/pad.ts'
import { permute, transpose } from './ops/permute.ts'
import { pow, reciprocal, rsqrt, sqrt, square } from './ops/power.ts'
import { all, any, max, mean, min, prod, type ReduceOptions, sum } from './ops/reduce.ts'
import { flatten, reshape, squeeze, unsqueeze } from './ops/reshape.ts'
import { ceil, floor, round } from './ops/rounding.ts'
import { flip, slice, type SliceRange } from './ops/slice.ts'
import { logSoftmax, logsumexp, softmax, type SoftmaxOptions, stopGradient } from './ops/softmax.ts'
import { std, variance, type VarianceOptions } from './ops/statistics.ts'
import { where } from './ops/where.ts'
import { unkeepNode } from './schedule/pending.ts'
import { type Shape, show, sizeOf } from './shape.ts'

/** Numbers in as many levels of lists as a tensor has axes. */
export type NestedNumbers = number | NestedNumbers[]

/**
 * An n-dimensional array that never changes.
 *
 * A tensor stands for a computation: its shape and type are known at once, its elements are computed when
 * they are asked for (`await x.data()`), together with everything they depend on. Nothing needs to be freed
 * by hand. The methods are the functions of the same names with the tensor as their first argument;
 * convolution, pooling, sorting, running sums, trigonometry, the error function and division with a remainder
 * are functions only, so that programs carry the kernels of what they use.
 *
 * @example
 * ```ts
 * const x = tensor([[1, 2], [3, 4]])
 * await x.matmul(x).sum().item() // 54
 * ```
 */
export class Tensor {
  readonly #node: Node

  /** @internal */
  constructor(node: Node) {
    this.#node = node
  }

  /** The node of the graph that this tensor is a handle on. @internal */
  get node(): Node {
    return this.#node
  }

  /** Marks tensors, so that those of another copy of the package are recognised. @internal */
  get [tensorMarker](): object {
    return thisCopy
  }

  /** Sizes of the axes, outermost first. */
  get shape(): Shape {
    return this.node.shape
  }

  /** The type of the elements. */
  get dtype(): DType {
    return this.node.dtype
  }

  /** The number of axes. */
  get rank(): number {
    return this.node.shape.length
  }

  /** The number of elements. */
  get size(): number {
    return sizeOf(this.node.shape)
  }

  /**
   * A copy of the elements in row-major order; float16 as 16-bit patterns, bool as 0 and 1. Computes them
   * if need be.
   */
  data(): Promise<TypedArray> {
    return readNode(this.node)
  }

  /** The only element, as a number. @throws ShapeError when there is not exactly one */
  async item(): Promise<number> {
    if (this.size !== 1)
      throw new ShapeError(`item: expected one element: shape ${show(this.shape)} has ${this.size}`)
    return this.#numbers(await this.data())[0]!
  }

  /** The elements in nested lists; a number for shape `[]`. */
  async array(): Promise<NestedNumbers> {
    const numbers = this.#numbers(await this.data())
    let next = 0
    const nest = (axis: number): NestedNumbers =>
      axis === this.rank ? numbers[next++]! : Array.from({ length: this.shape[axis]! }, () => nest(axis + 1))
    return nest(0)
  }

  #numbers(data: TypedArray): ArrayLike<number> {
    return this.dtype === 'float16' ? Array.from(data, fromFloat16) : data
  }

  /**
   * Computes the gradient of this loss with respect to every Parameter it depends on and adds it to
   * `parameter.grad`. The loss itself is computed along with the gradients.
   *
   * @throws ShapeError unless there is exactly one element
   * @throws DTypeError unless it is of a float type
   * @throws GraphError when it depends on no Parameter, or on a tensor that was evaluated before
   * @example
   * ```ts
   * const w = new Parameter(tensor(3))
   * w.mul(w).backward()
   * await w.grad.item() // 6
   * ```
   */
  backward(): void {
    backward(this)
  }

  /**
   * Gives the memory of computed elements back now instead of when the tensor is forgotten. Using them
   * afterwards throws.
   */
  dispose(): void {
    unkeepNode(this.node)
    this.node.storage?.release('dispose', String(this))
  }

  /** `using x = …` disposes x at the end of the block. */
  [Symbol.dispose](): void {
    this.dispose()
  }

  /** `Tensor [2,3] float32`. */
  toString(): string {
    return `${this.constructor.name} ${show(this.shape)} ${this.dtype}`
  }

  /** What Node's console shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return String(this)
  }

  // Arithmetic
  /** `this + y`. */
  add(y: TensorLike): Tensor { return add(this, y) }
  /** `this − y`. */
  sub(y: TensorLike): Tensor { return sub(this, y) }
  /** `this · y`, element by element. */
  mul(y: TensorLike): Tensor { return mul(this, y) }
  /** `this / y`; integers as float32. */
  div(y: TensorLike): Tensor { return div(this, y) }
  /** `thisʸ`. */
  pow(y: TensorLike): Tensor { return pow(this, y) }
  /** The greater of both. */
  maximum(y: TensorLike): Tensor { return maximum(this, y) }
  /** The lesser of both. */
  minimum(y: TensorLike): Tensor { return minimum(this, y) }
  /** `−this`. */
  neg(): Tensor { return neg(this) }
  /** `|this|`. */
  abs(): Tensor { return abs(this) }
  /** −1, 0 or 1. */
  sign(): Tensor { return sign(this) }
  /** `this²`. */
  square(): Tensor { return square(this) }
  /** `1 / this`. */
  reciprocal(): Tensor { return reciprocal(this) }
  /** `√this`. */
  sqrt(): Tensor { return sqrt(this) }
  /** `1 / √this`. */
  rsqrt(): Tensor { return rsqrt(this) }
  /** Not below `min` nor above `max`. */
  clamp(bounds: { min?: number; max?: number }): Tensor { return clamp(this, bounds) }
  /** The greatest whole number ≤ this. */
  floor(): Tensor { return floor(this) }
  /** The least whole number ≥ this. */
  ceil(): Tensor { return ceil(this) }
  /** The nearest whole number; halves to the even one. */
  round(): Tensor { return round(this) }

  // Functions
  /** `eˣ`. */
  exp(): Tensor { return exp(this) }
  /** `eˣ − 1`. */
  expm1(): Tensor { return expm1(this) }
  /** The natural logarithm. */
  log(): Tensor { return log(this) }
  /** The logarithm to base 2. */
  log2(): Tensor { return log2(this) }
  /** The logarithm to base 10. */
  log10(): Tensor { return log10(this) }
  /** `log(1 + x)`. */
  log1p(): Tensor { return log1p(this) }
  /** Hyperbolic sine. */
  sinh(): Tensor { return sinh(this) }
  /** Hyperbolic cosine. */
  cosh(): Tensor { return cosh(this) }
  /** Hyperbolic tangent. */
  tanh(): Tensor { return tanh(this) }
  /** `1 / (1 + e⁻ˣ)`. */
  sigmoid(): Tensor { return sigmoid(this) }
  /** `x` where positive, else 0. */
  relu(): Tensor { return relu(this) }
  /** `log(1 + eˣ)`. */
  softplus(): Tensor { return softplus(this) }
  /** `eˣ / Σ eˣ` along an axis. */
  softmax(options?: SoftmaxOptions): Tensor { return softmax(this, options) }
  /** The logarithm of softmax. */
  logSoftmax(options?: SoftmaxOptions): Tensor { return logSoftmax(this, options) }

  // Comparisons and logic
  /** Whether `this = y`. */
  equal(y: TensorLike): Tensor { return equal(this, y) }
  /** Whether `this ≠ y`. */
  notEqual(y: TensorLike): Tensor { return notEqual(this, y) }
  /** Whether `this < y`. */
  less(y: TensorLike): Tensor { return less(this, y) }
  /** Whether `this ≤ y`. */
  lessEqual(y: TensorLike): Tensor { return lessEqual(this, y) }
  /** Whether `this > y`. */
  greater(y: TensorLike): Tensor { return greater(this, y) }
  /** Whether `this ≥ y`. */
  greaterEqual(y: TensorLike): Tensor { return greaterEqual(this, y) }
  /** Whether both are true. */
  logicalAnd(y: TensorLike): Tensor { return logicalAnd(this, y) }
  /** Whether at least one is true. */
  logicalOr(y: TensorLike): Tensor { return logicalOr(this, y) }
  /** Whether exactly one is true. */
  logicalXor(y: TensorLike): Tensor { return logicalXor(this, y) }
  /** Whether this is false. */
  logicalNot(): Tensor { return logicalNot(this) }
  /** Whether this is NaN. */
  isNaN(): Tensor { return isNaN(this) }
  /** Whether this is neither infinite nor NaN. */
  isFinite(): Tensor { return isFinite(this) }
  /** `a` where this is true, else `b`. */
  where(a: TensorLike, b: TensorLike): Tensor { return where(this, a, b) }
  /** In another element type. */
  cast(dtype: DType): Tensor { return cast(this, dtype) }

  // Reductions
  /** The sum over axes. */
  sum(options?: ReduceOptions): Tensor { return sum(this, options) }
  /** The mean over axes. */
  mean(options?: ReduceOptions): Tensor { return mean(this, options) }
  /** The product over axes. */
  prod(options?: ReduceOptions): Tensor { return prod(this, options) }
  /** The greatest element over axes. */
  max(options?: ReduceOptions): Tensor { return max(this, options) }
  /** The least element over axes. */
  min(options?: ReduceOptions): Tensor { return min(this, options) }
  /** Whether any element is true. */
  any(options?: ReduceOptions): Tensor { return any(this, options) }
  /** Whether all elements are true. */
  all(options?: ReduceOptions): Tensor { return all(this, options) }
  /** The variance over axes. */
  variance(options?: VarianceOptions): Tensor { return variance(this, options) }
  /** The standard deviation over axes. */
  std(options?: VarianceOptions): Tensor { return std(this, options) }
  /** `log Σ eˣ` over axes. */
  logsumexp(options?: ReduceOptions): Tensor { return logsumexp(this, options) }
  /** The position of the greatest element. */
  argmax(options?: ArgReduceOptions): Tensor { return argmax(this, options) }
  /** The position of the least element. */
  argmin(options?: ArgReduceOptions): Tensor { return argmin(this, options) }

  // Movement
  /** The same elements under another shape. */
  reshape(shape: Shape): Tensor { return reshape(this, shape) }
  /** Axes `start` to `end` as one. */
  flatten(range?: { start?: number; end?: number }): Tensor { return flatten(this, range) }
  /** Without axes of size 1. */
  squeeze(axis?: number | readonly number[]): Tensor { return squeeze(this, axis) }
  /** With an axis of size 1. */
  unsqueeze(axis: number): Tensor { return unsqueeze(this, axis) }
  /** Axes in another order. */
  permute(axes: readonly number[]): Tensor { return permute(this, axes) }
  /** Two axes exchanged, by default the last two. */
  transpose(a?: number, b?: number): Tensor { return transpose(this, a, b) }
  /** Axes of size 1 repeated. */
  expand(shape: Shape): Tensor { return expand(this, shape) }
  /** A part: NumPy's `x[a:b:c, i, …]`. */
  slice(ranges: readonly SliceRange[]): Tensor { return slice(this, ranges) }
  /** Backwards along axes. */
  flip(axes?: number | readonly number[]): Tensor { return flip(this, axes) }
  /** With a border. */
  pad(widths: readonly (readonly [before: number, after: number])[], options?: { value?: number }): Tensor {
    return pad(this, widths, options)
  }
  /** Cut into parts along an axis. */
  split(parts: number | readonly number[], options?: { axis?: number }): Tensor[] {
    return split(this, parts, options)
  }
  /** Each element `count` times in a row. */
  repeat(count: number, options?: { axis?: number }): Tensor { return repeat(this, count, options) }
  /** The whole laid out `counts` times. */
  tile(counts: readonly number[]): Tensor { return tile(this, counts) }

  // Matrices, positions
  /** The matrix product. */
  matmul(y: TensorLike): Tensor { return matmul(this, y) }
  /** One element per element of an index. */
  gather(index: TensorLike, options?: IndexOptions): Tensor { return gather(this, index, options) }
  /** Whole slices at positions. */
  take(index: TensorLike, options?: IndexOptions): Tensor { return take(this, index, options) }
  /** With updates added at positions. */
  scatterAdd(index: TensorLike, updates: TensorLike, options?: IndexOptions): Tensor {
    return scatterAdd(this, index, updates, options)
  }
  /** The same values as a tensor of their own. */
  copy(): Tensor { return copy(this) }
  /** The same values, through which no gradient passes. */
  stopGradient(): Tensor { return stopGradient(this) }
}

registerHandle((node) => new Tensor(node))
