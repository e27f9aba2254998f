import { ValueError, avgPool1d, avgPool2d, avgPool3d, where } from '@badak/tensor'
import type { PairLike, Tensor, TripleLike } from '@badak/tensor'
import { one, pair, triple, type Pair, type Single, type SizeReader, type Triple } from './size.ts'
import { WindowPool } from './window-pool.ts'

/** Sizes of a power-average pooling, beside its window. */
export interface LPPoolOptions<Size> {
  /** Distance between the windows; default the kernel size, so that they do not overlap. */
  stride?: Size
  /** Whether a window may begin inside and end outside of the image; default false. */
  ceilMode?: boolean
}

/** What the power-average poolings share. */
abstract class LPPool<
  K extends readonly number[],
  Size extends number | readonly number[],
> extends WindowPool<K, Size> {
  readonly normType: number

  constructor(
    kind: string,
    normType: number,
    kernelSize: Size,
    options: LPPoolOptions<Size>,
    read: SizeReader<K, Size>,
  ) {
    super(kind, kernelSize, options, read)
    if (!Number.isFinite(normType) || normType <= 0)
      throw new ValueError(`${kind}: normType is not a positive number: ${String(normType)}`)
    this.normType = normType
  }

  /** The p-th root of sums of p-th powers, by way of their means; a window beyond the edge counts as if it were full. */
  protected root(x: Tensor, mean: (powers: Tensor) => Tensor): Tensor {
    const { normType: p } = this
    const area = this.kernelSize.reduce((product, size) => product * size, 1)
    const total = mean(p === 2 ? x.square() : p === 1 ? x : x.pow(p)).mul(area)
    if (p === 1) return total
    // The slope of the root is infinite at 0: a window of zeros gets the gradient 0.
    const none = total.equal(0)
    const base = where(none, 1, total)
    return where(none, 0, p === 2 ? base.sqrt() : base.pow(1 / p))
  }

  override toString(): string {
    return `${this.kind}(${this.normType}, ${this.kernelSize.join('x')})`
  }
}

/**
 * `(Σ xᵖ)^(1/p)` of each window: the sum for p = 1, the Euclidean norm for p = 2, ever closer to the maximum as p
 * grows. As in PyTorch, powers are those of x and not of |x|: negative numbers with an odd p can give NaN.
 */
export class LPPool2d extends LPPool<Pair, PairLike> {
  /**
   * @param normType p > 0
   * @param kernelSize a number, or [height, width]
   * @throws ValueError when p or a size is out of range
   */
  constructor(normType: number, kernelSize: PairLike, options: LPPoolOptions<PairLike> = {}) {
    super('LPPool2d', normType, kernelSize, options, pair)
  }

  /**
   * @param x `[N, C, H, W]`
   * @returns `[N, C, OH, OW]`, `OH = ⌊(H − KH) / stride⌋ + 1`
   * @throws ShapeError when `x` has another rank, or is smaller than the window
   */
  forward(x: Tensor): Tensor {
    this.check(x)
    const { kernelSize: kernel, stride, ceilMode } = this
    return this.root(x, (powers) => avgPool2d(powers, { kernel, stride, ceilMode }))
  }
}

/** `LPPool2d` of sequences. */
export class LPPool1d extends LPPool<Single, number> {
  /**
   * @param normType p > 0
   * @param kernelSize elements of a window
   * @throws ValueError when p or a size is out of range
   */
  constructor(normType: number, kernelSize: number, options: LPPoolOptions<number> = {}) {
    super('LPPool1d', normType, kernelSize, options, one)
  }

  /**
   * @param x `[N, C, L]`
   * @returns `[N, C, OL]`, `OL = ⌊(L − K) / stride⌋ + 1`
   * @throws ShapeError when `x` has another rank, or is shorter than the window
   */
  forward(x: Tensor): Tensor {
    this.check(x)
    const {
      kernelSize: [kernel],
      stride: [stride],
      ceilMode,
    } = this
    return this.root(x, (powers) => avgPool1d(powers, { kernel, stride, ceilMode }))
  }
}

/** `LPPool2d` of volumes. */
export class LPPool3d extends LPPool<Triple, TripleLike> {
  /**
   * @param normType p > 0
   * @param kernelSize a number, or [depth, height, width]
   * @throws ValueError when p or a size is out of range
   */
  constructor(normType: number, kernelSize: TripleLike, options: LPPoolOptions<TripleLike> = {}) {
    super('LPPool3d', normType, kernelSize, options, triple)
  }

  /**
   * @param x `[N, C, D, H, W]`
   * @returns `[N, C, OD, OH, OW]`, each as for `LPPool2d`
   * @throws ShapeError when `x` has another rank, or is smaller than the window
   */
  forward(x: Tensor): Tensor {
    this.check(x)
    const { kernelSize: kernel, stride, ceilMode } = this
    return this.root(x, (powers) => avgPool3d(powers, { kernel, stride, ceilMode }))
  }
}
