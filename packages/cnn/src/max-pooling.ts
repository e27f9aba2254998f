import { maxPool1d, maxPool2d, maxPool3d } from '@badak/tensor'
import type { MaxPooled, PairLike, Tensor, TripleLike } from '@badak/tensor'
import { windowFootprint, type Footprint } from './footprint.ts'
import { one, pair, triple, type Pair, type Single, type SizeReader, type Triple } from './size.ts'
import { WindowPool } from './window-pool.ts'

/** Sizes of a max-pooling, beside its window. */
export interface MaxPoolOptions<Size, Indices extends boolean = boolean> {
  /** Distance between the windows; default the kernel size, so that they do not overlap. */
  stride?: Size
  /** Pixels on each side that never win; at most half of the kernel. Default 0. */
  padding?: Size
  /** Distance between the elements of the window; default 1. */
  dilation?: Size
  /** Whether a window may begin inside and end outside of the padded image; default false. */
  ceilMode?: boolean
  /** Whether `forward` says where the largest values were, too, as `MaxUnpool` needs it; default false. */
  returnIndices?: Indices
}

/** What `forward` gives: the largest values, or `{ values, indices }` where indices are asked for. */
export type MaxPoolOutput<Indices extends boolean> = Indices extends true ? MaxPooled : Tensor

/** What the max-poolings share. */
abstract class MaxPool<
  K extends readonly number[],
  Size extends number | readonly number[],
  Indices extends boolean,
> extends WindowPool<K, Size> {
  readonly dilation: K
  readonly returnIndices: Indices

  constructor(
    kind: string,
    kernelSize: Size,
    options: MaxPoolOptions<Size, Indices>,
    read: SizeReader<K, Size>,
  ) {
    super(kind, kernelSize, options, read)
    this.dilation = read(kind, 'dilation', options.dilation ?? (1 as Size), 1)
    this.returnIndices = (options.returnIndices ?? false) as Indices
  }

  override footprint(): Footprint[] {
    const { kernelSize: kernel, stride, padding, dilation } = this
    return windowFootprint(kernel.length, { kernel, stride, padding, dilation })
  }
}

/**
 * The largest value of each window.
 *
 * @example
 * ```ts
 * new MaxPool2d(2).forward(zeros([1, 30, 24, 24])).shape // [1, 30, 12, 12]
 * const { values, indices } = new MaxPool2d(2, { returnIndices: true }).forward(images)
 * ```
 */
export class MaxPool2d<Indices extends boolean = false> extends MaxPool<Pair, PairLike, Indices> {
  /**
   * @param kernelSize a number, or [height, width]
   * @throws ValueError when a size is out of range
   */
  constructor(kernelSize: PairLike, options: MaxPoolOptions<PairLike, Indices> = {}) {
    super('MaxPool2d', kernelSize, options, pair)
  }

  /**
   * @param x `[N, C, H, W]`
   * @returns `[N, C, OH, OW]`, `OH = ⌊(H + 2·padding − dilation·(KH − 1) − 1) / stride⌋ + 1`; indices are
   *   positions in the flattened image, `row · W + column`
   * @throws ShapeError when `x` has another rank, or is smaller than the window
   */
  forward(x: Tensor): MaxPoolOutput<Indices> {
    this.check(x)
    const { kernelSize: kernel, stride, padding, dilation, ceilMode } = this
    const sizes = { kernel, stride, padding, dilation, ceilMode }
    const pooled = this.returnIndices ? maxPool2d(x, { ...sizes, returnIndices: true }) : maxPool2d(x, sizes)
    return pooled as MaxPoolOutput<Indices>
  }
}

/** The largest value of each window of a sequence. */
export class MaxPool1d<Indices extends boolean = false> extends MaxPool<Single, number, Indices> {
  /** @throws ValueError when a size is out of range */
  constructor(kernelSize: number, options: MaxPoolOptions<number, Indices> = {}) {
    super('MaxPool1d', kernelSize, options, one)
  }

  /**
   * @param x `[N, C, L]`
   * @returns `[N, C, OL]`, `OL = ⌊(L + 2·padding − dilation·(K − 1) − 1) / stride⌋ + 1`; indices are positions
   *   in the sequence
   * @throws ShapeError when `x` has another rank, or is shorter than the window
   */
  forward(x: Tensor): MaxPoolOutput<Indices> {
    this.check(x)
    const {
      kernelSize: [kernel],
      stride: [stride],
      padding: [padding],
      dilation: [dilation],
      ceilMode,
    } = this
    const sizes = { kernel, stride, padding, dilation, ceilMode }
    const pooled = this.returnIndices ? maxPool1d(x, { ...sizes, returnIndices: true }) : maxPool1d(x, sizes)
    return pooled as MaxPoolOutput<Indices>
  }
}

/** The largest value of each window of a volume. */
export class MaxPool3d<Indices extends boolean = false> extends MaxPool<Triple, TripleLike, Indices> {
  /**
   * @param kernelSize a number, or [depth, height, width]
   * @throws ValueError when a size is out of range
   */
  constructor(kernelSize: TripleLike, options: MaxPoolOptions<TripleLike, Indices> = {}) {
    super('MaxPool3d', kernelSize, options, triple)
  }

  /**
   * @param x `[N, C, D, H, W]`
   * @returns `[N, C, OD, OH, OW]`, each as for `MaxPool2d`; indices are positions in the flattened volume
   * @throws ShapeError when `x` has another rank, or is smaller than the window
   */
  forward(x: Tensor): MaxPoolOutput<Indices> {
    this.check(x)
    const { kernelSize: kernel, stride, padding, dilation, ceilMode } = this
    const sizes = { kernel, stride, padding, dilation, ceilMode }
    const pooled = this.returnIndices ? maxPool3d(x, { ...sizes, returnIndices: true }) : maxPool3d(x, sizes)
    return pooled as MaxPoolOutput<Indices>
  }
}
