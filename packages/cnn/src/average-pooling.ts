import { ValueError, avgPool1d, avgPool2d, avgPool3d } from '@badak/tensor'
import type { PairLike, Tensor, TripleLike } from '@badak/tensor'
import { one, pair, triple, type Pair, type Single, type SizeReader, type Triple } from './size.ts'
import { WindowPool } from './window-pool.ts'

/** Sizes of an average-pooling, beside its window. */
export interface AvgPoolOptions<Size> {
  /** Distance between the windows; default the kernel size, so that they do not overlap. */
  stride?: Size
  /** Zeros on each side; at most half of the kernel. Default 0. */
  padding?: Size
  /** Whether a window may begin inside and end outside of the padded image; default false. */
  ceilMode?: boolean
  /** Whether the padding counts where the sum is divided; default true. */
  countIncludePad?: boolean
  /** What sums are divided by in place of the size of the window. */
  divisorOverride?: number
}

/** What the average-poolings share. */
abstract class AvgPool<
  K extends readonly number[],
  Size extends number | readonly number[],
> extends WindowPool<K, Size> {
  readonly countIncludePad: boolean
  readonly divisorOverride: number | undefined

  constructor(kind: string, kernelSize: Size, options: AvgPoolOptions<Size>, read: SizeReader<K, Size>) {
    super(kind, kernelSize, options, read)
    const { countIncludePad = true, divisorOverride: divisor } = options
    if (divisor !== undefined && (!Number.isFinite(divisor) || divisor === 0))
      throw new ValueError(`${kind}: divisorOverride is not a number other than 0: ${String(divisor)}`)
    this.countIncludePad = countIncludePad
    this.divisorOverride = divisor
  }

  protected get divisor(): { countIncludePad: boolean; divisorOverride?: number } {
    const { countIncludePad, divisorOverride } = this
    return divisorOverride === undefined ? { countIncludePad } : { countIncludePad, divisorOverride }
  }
}

/** The mean of each window. */
export class AvgPool2d extends AvgPool<Pair, PairLike> {
  /**
   * @param kernelSize a number, or [height, width]
   * @throws ValueError when a size is out of range
   */
  constructor(kernelSize: PairLike, options: AvgPoolOptions<PairLike> = {}) {
    super('AvgPool2d', kernelSize, options, pair)
  }

  /**
   * @param x `[N, C, H, W]`
   * @returns `[N, C, OH, OW]`, `OH = ⌊(H + 2·padding − KH) / stride⌋ + 1`
   * @throws ShapeError when `x` has another rank, or is smaller than the window
   */
  forward(x: Tensor): Tensor {
    this.check(x)
    const { kernelSize: kernel, stride, padding, ceilMode } = this
    return avgPool2d(x, { kernel, stride, padding, ceilMode, ...this.divisor })
  }
}

/** The mean of each window of a sequence. */
export class AvgPool1d extends AvgPool<Single, number> {
  /** @throws ValueError when a size is out of range */
  constructor(kernelSize: number, options: Omit<AvgPoolOptions<number>, 'divisorOverride'> = {}) {
    super('AvgPool1d', kernelSize, options, one)
  }

  /**
   * @param x `[N, C, L]`
   * @returns `[N, C, OL]`, `OL = ⌊(L + 2·padding − K) / stride⌋ + 1`
   * @throws ShapeError when `x` has another rank, or is shorter than the window
   */
  forward(x: Tensor): Tensor {
    this.check(x)
    const {
      kernelSize: [kernel],
      stride: [stride],
      padding: [padding],
      ceilMode,
      countIncludePad,
    } = this
    return avgPool1d(x, { kernel, stride, padding, ceilMode, countIncludePad })
  }
}

/** The mean of each window of a volume. */
export class AvgPool3d extends AvgPool<Triple, TripleLike> {
  /**
   * @param kernelSize a number, or [depth, height, width]
   * @throws ValueError when a size is out of range
   */
  constructor(kernelSize: TripleLike, options: AvgPoolOptions<TripleLike> = {}) {
    super('AvgPool3d', kernelSize, options, triple)
  }

  /**
   * @param x `[N, C, D, H, W]`
   * @returns `[N, C, OD, OH, OW]`, each as for `AvgPool2d`
   * @throws ShapeError when `x` has another rank, or is smaller than the window
   */
  forward(x: Tensor): Tensor {
    this.check(x)
    const { kernelSize: kernel, stride, padding, ceilMode } = this
    return avgPool3d(x, { kernel, stride, padding, ceilMode, ...this.divisor })
  }
}
