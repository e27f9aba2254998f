import type { DType, TypedArray } from '../dtype.ts'
import type { CellRecord } from './cells.ts'
import type { Storage } from './storage.ts'
import type { ConvolutionGeometry, ConvolutionMode, WindowGeometry, WindowMode } from './geometry.ts'
import type { BinaryOp, ReduceOp, UnaryOp } from './scalar.ts'

/**
 * What a node of the graph does. Inputs come with the node; everything else an operation needs is here.
 * Operands of `binary` and `where` have equal shapes (the ops layer broadcasts by `expand`) and, but for the
 * condition of `where`, equal types (it casts).
 */
export type Op =
  // Leaves
  /** Values that came from the host. */
  | { readonly kind: 'host'; readonly data: TypedArray }
  /** Values that are read from the host anew at each run, such as a learning rate. */
  | { readonly kind: 'live'; readonly read: () => TypedArray }
  /** One number everywhere. */
  | { readonly kind: 'constant'; readonly value: number }
  /** The position along an axis, int32. */
  | { readonly kind: 'index'; readonly axis: number }
  /** An argument of a compiled function. */
  | { readonly kind: 'placeholder'; readonly position: number }
  /** Lives in memory already: a cell's value, an evaluated root. */
  | { readonly kind: 'stored' }
  // Elementwise
  | { readonly kind: 'unary'; readonly name: UnaryOp }
  | { readonly kind: 'binary'; readonly name: BinaryOp }
  | { readonly kind: 'where' }
  | { readonly kind: 'cast' }
  // Views
  | { readonly kind: 'reshape' }
  | { readonly kind: 'permute'; readonly axes: readonly number[] }
  /** Axes of size 1 repeat, and new axes come in front. */
  | { readonly kind: 'expand' }
  /** Along each axis, from `start` in steps of `step` (negative: backwards), as many as the shape says. */
  | { readonly kind: 'slice'; readonly start: readonly number[]; readonly step: readonly number[] }
  | { readonly kind: 'pad'; readonly before: readonly number[]; readonly value: number }
  /** The same values; a gradient does not pass if `stop` is set. */
  | { readonly kind: 'identity'; readonly stop: boolean }
  // Work
  | { readonly kind: 'concat'; readonly axis: number }
  /** Reduced axes stay, with size 1. */
  | { readonly kind: 'reduce'; readonly name: ReduceOp; readonly axes: readonly number[] }
  | { readonly kind: 'argReduce'; readonly name: 'argmax' | 'argmin'; readonly axis: number }
  /** `[batch…, M, K] × [batch…, K, N]`, equal batch axes. */
  | { readonly kind: 'matmul' }
  | { readonly kind: 'convolution'; readonly mode: ConvolutionMode; readonly geometry: ConvolutionGeometry }
  /** Operand of any rank ≥ 2; the last two axes are the plane. */
  | { readonly kind: 'window'; readonly mode: WindowMode; readonly geometry: WindowGeometry }
  /** Inputs: source, index (int32; the shape of the result). */
  | { readonly kind: 'gather'; readonly axis: number }
  /**
   * Inputs: updates, index (int32, same shape). The result starts from zero and has `size` elements along the
   * axis.
   */
  | { readonly kind: 'scatterAdd'; readonly axis: number; readonly size: number }
  | { readonly kind: 'cumulativeSum'; readonly axis: number }
  /** Positions along the last axis in sorted order, int32. */
  | { readonly kind: 'argSort'; readonly descending: boolean }
  /** Input: the key, int32 `[4]`. */
  | { readonly kind: 'random'; readonly form: 'bits' | 'uniform' }

export type OpKind = Op['kind']

/**
 * One operation of the pending graph, or a value that has been computed.
 *
 * A class, and not an object literal, for the collector's sake: V8 takes a literal whose objects once lived
 * for long, as a graph does that is being compiled, for one that had better go to the old generation, and
 * every step's graph would then wait there for a full collection.
 */
export class Node {
  readonly id: number
  /** Becomes `stored` once the node has been evaluated. */
  op: Op
  /** Emptied by evaluation: an evaluated node forgets where it came from. */
  inputs: readonly Node[]
  readonly shape: readonly number[]
  readonly dtype: DType
  /** Whether a gradient may flow through this node to a parameter or to an argument of `grad`. */
  readonly tracked: boolean
  /** Longest chain of pending operations below. */
  depth: number
  /** Set once evaluated, and for cells. */
  storage: Storage | undefined = undefined
  /** The public operation and where it was called, recorded in `debug: 'eager'`. */
  origin: string | undefined = undefined
  /** The Parameter or State whose value this is or was. */
  cell: CellRecord | undefined = undefined
  /** The backward pass that met this node last: the business of `backward` alone. */
  pass = 0
  /** The ordering that met this node last, and its place in that: the business of `linearize` alone. */
  visit = 0
  place = 0

  constructor(
    id: number,
    op: Op,
    inputs: readonly Node[],
    shape: readonly number[],
    dtype: DType,
    tracked: boolean,
    depth: number,
  ) {
    this.id = id
    this.op = op
    this.inputs = inputs
    this.shape = shape
    this.dtype = dtype
    this.tracked = tracked
    this.depth = depth
  }
}
