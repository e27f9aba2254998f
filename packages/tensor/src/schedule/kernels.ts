import type { DType } from '../dtype.ts'
import type { ConvolutionGeometry, ConvolutionMode, WindowGeometry, WindowMode } from '../graph/geometry.ts'
import type { BinaryOp, ReduceOp, UnaryOp } from '../graph/scalar.ts'

/**
 * How a kernel reads or writes memory: for the index i of its iteration space, element `offset + Σ stridesₐ ·
 * iₐ` of a slot. Strides are in elements, 0 where an axis is broadcast, negative where it is flipped.
 */
export interface Access {
  readonly slot: number
  readonly dtype: DType
  readonly offset: number
  readonly strides: readonly number[]
}

/**
 * A read. Outside of `bounds` (for some axis, `i < low` or `i ≥ high`) nothing is read and the value is
 * `values[fill]`.
 */
export interface Load extends Access {
  readonly bounds?: readonly { readonly axis: number; readonly low: number; readonly high: number }[]
  readonly fill?: number
}

/**
 * A straight-line program on one element, in single-assignment form: instruction k may use the results of
 * those before it. The result is that of the last instruction.
 *
 * `dtype` is the type of the result. float16 appears as the type of loads, stores and casts only; loads of
 * float16 are always followed by a cast. `float64` appears on the reference backend only. `value` reads
 * `values[value]`, a number that may change with each run; it is never a constant of the kernel's code.
 * `index` is the position along one axis of the iteration space (int32). `accumulator` is what a Reduce,
 * Contract or Convolution produced at this position; it appears in epilogues only.
 */
export type Instruction =
  | { readonly op: 'load'; readonly dtype: DType; readonly load: number }
  | { readonly op: 'value'; readonly dtype: DType; readonly value: number }
  | { readonly op: 'index'; readonly dtype: 'int32'; readonly axis: number }
  | { readonly op: 'accumulator'; readonly dtype: DType }
  | { readonly op: 'cast'; readonly dtype: DType; readonly args: readonly [number] }
  | { readonly op: UnaryOp; readonly dtype: DType; readonly args: readonly [number] }
  | { readonly op: BinaryOp; readonly dtype: DType; readonly args: readonly [number, number] }
  | { readonly op: 'where'; readonly dtype: DType; readonly args: readonly [number, number, number] }

/**
 * Loads and the straight-line program on them; `loads[k].strides` has one entry per axis of the iteration
 * space.
 */
export interface Body {
  readonly loads: readonly Load[]
  readonly instructions: readonly Instruction[]
}

interface KernelBase {
  /** What a reader of an error or a trace sees: the operations in it and where its result goes. */
  readonly label: string
}

/** `store[i] = body(i)` for each i in `shape`. */
export interface MapKernel extends KernelBase {
  readonly kind: 'map'
  readonly shape: readonly number[]
  readonly body: Body
  readonly store: Access
}

/**
 * `store[i] = epilogue(⊕ⱼ prologue(i, j))`, i over `shape` (rank r), j over `reduced` (rank s).
 * The prologue's accesses have r + s strides, the epilogue's and the store's r.
 * An empty reduction gives 0, 1, −∞ or +∞ (the least and greatest integer for integer types).
 */
export interface ReduceKernel extends KernelBase {
  readonly kind: 'reduce'
  readonly op: ReduceOp
  readonly shape: readonly number[]
  readonly reduced: readonly number[]
  readonly prologue: Body
  readonly epilogue: Body
  readonly store: Access
}

/**
 * Position of the first greatest or least of `size` elements (the first NaN, if any): `store[i] = argⱼ
 * load(i, j)`, int32.
 */
export interface ArgReduceKernel extends KernelBase {
  readonly kind: 'argReduce'
  readonly op: 'argmax' | 'argmin'
  readonly shape: readonly number[]
  readonly size: number
  /** Has rank(shape) + 1 strides. */
  readonly load: Access
  readonly store: Access
}

/**
 * Batched matrix product with epilogue: `store[b…, m, n] = epilogue(Σₖ left[b…, m, k] · right[b…, k, n])`.
 * Strides of `left` are over `[batch…, M, K]`, of `right` over `[batch…, K, N]`; epilogue and store over
 * `[batch…, M, N]`.
 */
export interface MatmulKernel extends KernelBase {
  readonly kind: 'matmul'
  readonly batch: readonly number[]
  readonly m: number
  readonly n: number
  readonly k: number
  readonly left: Access
  readonly right: Access
  readonly epilogue: Body
  readonly store: Access
}

/**
 * A convolution or one of its gradients. Both operands are dense in the layout `ConvolutionMode` says,
 * starting at their `offset`. The epilogue and the store are over the four axes of the result; the store is
 * dense.
 */
export interface ConvolutionKernel extends KernelBase {
  readonly kind: 'convolution'
  readonly mode: ConvolutionMode
  readonly geometry: ConvolutionGeometry
  readonly left: Access
  readonly right: Access
  readonly epilogue: Body
  readonly store: Access
}

/** A window over planes; operands and result are dense. */
export interface WindowKernel extends KernelBase {
  readonly kind: 'window'
  readonly mode: WindowMode
  readonly geometry: WindowGeometry
  readonly load: Access
  /** The second operand of `maxGradient`. */
  readonly gradient?: Access
  readonly store: Access
}

/**
 * `store[i] = source[i with i[axis] replaced by index(i)]` for i over `shape`. `source.strides` has one entry
 * per axis; `index` is an int32 load. An index outside of [0, `size`) is a fault.
 */
export interface GatherKernel extends KernelBase {
  readonly kind: 'gather'
  readonly shape: readonly number[]
  readonly axis: number
  readonly size: number
  readonly source: Access
  readonly index: Access
  readonly store: Access
}

/**
 * `store = 0`, then `store[i with i[axis] replaced by index(i)] += updates(i)` for i over `shape`, in
 * ascending order of i[axis], so that the result does not depend on the number of threads. The store is
 * dense, its `axis` has `size` elements, its other axes those of `shape`. An index outside of [0, `size`) is
 * a fault.
 */
export interface ScatterAddKernel extends KernelBase {
  readonly kind: 'scatterAdd'
  readonly shape: readonly number[]
  readonly axis: number
  readonly size: number
  readonly updates: Access
  readonly index: Access
  readonly store: Access
}

/**
 * Running sums: dense `[outer, size, inner]` → the same, along the middle axis. float32, float64 or int32.
 */
export interface CumulativeSumKernel extends KernelBase {
  readonly kind: 'cumulativeSum'
  readonly outer: number
  readonly size: number
  readonly inner: number
  readonly load: Access
  readonly store: Access
}

/**
 * The permutation that sorts each row, stably: dense `[rows, size]` → the same shape, int32.
 * NaN counts as greater than everything else (as in NumPy and PyTorch).
 */
export interface ArgSortKernel extends KernelBase {
  readonly kind: 'argSort'
  readonly descending: boolean
  readonly rows: number
  readonly size: number
  readonly load: Access
  readonly store: Access
}

/**
 * Philox 4×32-10 (Salmon et al. 2011). Element e is word e mod 4 of the block with counter `(offset + ⌊e/4⌋,
 * 0, 0)` (64-bit little-endian offset in the first two counter words) under the 64-bit key. `key` reads int32
 * `[4]`: key low, key high, offset low, offset high. `bits` stores the word as int32, `uniform` stores (word
 * >>> 8) · 2⁻²⁴ as float32 (or float64).
 */
export interface RandomKernel extends KernelBase {
  readonly kind: 'random'
  readonly form: 'bits' | 'uniform'
  readonly count: number
  readonly key: Access
  readonly store: Access
}

export type Kernel =
  | MapKernel
  | ReduceKernel
  | ArgReduceKernel
  | MatmulKernel
  | ConvolutionKernel
  | WindowKernel
  | GatherKernel
  | ScatterAddKernel
  | CumulativeSumKernel
  | ArgSortKernel
  | RandomKernel

/** Kernels that backends have only in programs with operations on images. */
export type ImageKernel = ConvolutionKernel | WindowKernel

/** Kernels that the `wasm` backend has only in programs with operations that need them. */
export type BroughtKernel = ImageKernel | ArgSortKernel | CumulativeSumKernel

/** Everything that a kernel reads and writes; what it writes comes first. */
export function accesses(kernel: Kernel): readonly Access[] {
  const loads = (body: Body): readonly Access[] => body.loads
  switch (kernel.kind) {
    case 'map':
      return [kernel.store, ...loads(kernel.body)]
    case 'reduce':
      return [kernel.store, ...loads(kernel.prologue), ...loads(kernel.epilogue)]
    case 'matmul':
    case 'convolution':
      return [kernel.store, kernel.left, kernel.right, ...loads(kernel.epilogue)]
    case 'gather':
      return [kernel.store, kernel.source, kernel.index]
    case 'scatterAdd':
      return [kernel.store, kernel.updates, kernel.index]
    case 'random':
      return [kernel.store, kernel.key]
    case 'window':
      return [kernel.store, kernel.load, ...(kernel.gradient ? [kernel.gradient] : [])]
    default:
      return [kernel.store, kernel.load]
  }
}

/**
 * A piece of memory that a program uses. Inputs and outputs are buffers bound at each run; temporaries lie at
 * `offset` of an arena that the backend provides. Starts and sizes are multiples of 64 bytes (`bytes` is
 * already rounded up), so that a kernel that stores densely from the start of a slot may read and write whole
 * vectors past its last element. An output never shares memory with an input; two temporaries overlap only if
 * their lifetimes don't.
 */
export type Slot =
  | { readonly kind: 'input' | 'output'; readonly bytes: number }
  | { readonly kind: 'temporary'; readonly bytes: number; readonly offset: number }

/**
 * Kernels that go through the same rows: axis 0 of each (the first that stays of a Reduce) has `rows`
 * elements, and what they read of each other in row i was written in row i. So they may be done row by row,
 * all of them on some rows before any on the next. Their slots share no memory.
 */
export interface Chain extends Span {
  readonly rows: number
  /** What they read and write in one row. */
  readonly rowBytes: number
}

/** Kernels that follow each other. */
export interface Span {
  /** Position of the first kernel. */
  readonly first: number
  readonly count: number
}

/** Kernels in an order in which they may run. `values` is how many run-time numbers they read. */
export interface Program {
  readonly slots: readonly Slot[]
  readonly kernels: readonly Kernel[]
  /** In ascending order. A backend may do without. */
  readonly chains?: readonly Chain[]
  /**
   * Kernels that need nothing of each other, but for those of one chain, and that share no memory: in ascending
   * order, each kernel in one. A backend may do without.
   */
  readonly groups?: readonly Span[]
  readonly arenaBytes: number
  readonly values: number
}
