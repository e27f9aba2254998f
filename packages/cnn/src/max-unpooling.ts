import { IndexError, ShapeError, ValueError, hostValues, stopGradient, where, zeros } from '@badak/tensor'
import type { PairLike, Tensor, TripleLike } from '@badak/tensor'
import { windowFootprint, type Footprint } from './footprint.ts'
import { one, pair, triple, type Pair, type Single, type SizeReader, type Triple } from './size.ts'
import { WindowPool } from './window-pool.ts'

/** Sizes of the max-pooling that is undone, beside its window. */
export interface MaxUnpoolOptions<Size> {
  /** Distance between the windows; default the kernel size. */
  stride?: Size
  /** Pixels on each side of the pooled image; default 0. */
  padding?: Size
}

/** Puts each value where its index says, in zeros. */
abstract class MaxUnpool<
  K extends readonly number[],
  Size extends number | readonly number[],
> extends WindowPool<K, Size> {
  /** Whether two windows can have found the same maximum. */
  readonly #overlapping: boolean

  constructor(kind: string, kernelSize: Size, options: MaxUnpoolOptions<Size>, read: SizeReader<K, Size>) {
    super(kind, kernelSize, options, read)
    this.#overlapping = this.stride.some((step, axis) => step < this.kernelSize[axis]!)
  }

  /**
   * @param x `[N, C, …]`, what was pooled
   * @param indices int32, of the shape of `x`: the `indices` of the pooling
   * @param options
   * @param options.outputSize sizes of the image before pooling, within a stride of the smallest that fits,
   *   `(OH − 1)·stride − 2·padding + KH`, which is the default
   * @returns `[N, C, …]` in the size before pooling; where windows overlap and have the same maximum, it stands
   *   there once, and its gradient goes to each of them
   * @throws ShapeError when `x` has another rank, or the shapes differ
   * @throws ValueError when `outputSize` is not one that such a pooling takes
   * @throws IndexError when an index lies outside of the image: here if it came from the host, else at
   *   evaluation
   */
  forward(x: Tensor, indices: Tensor, { outputSize }: { outputSize?: Readonly<K> } = {}): Tensor {
    this.check(x)
    if (x.shape.join() !== indices.shape.join()) {
      throw new ShapeError(
        `${this.kind}: input and indices differ: [${x.shape.join(',')}] and [${indices.shape.join(',')}]`,
      )
    }
    const sizes = this.sizes(x, outputSize)
    const [N, C] = x.shape as [number, number]
    const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)
    const wrong = hostValues(indices)?.find((index) => index < 0 || index >= count(sizes))
    if (wrong !== undefined) {
      throw new IndexError(
        `${this.kind}: index ${wrong} lies outside of an image of ${sizes.join('x')}: give outputSize`,
      )
    }
    const flat = [N, C, count(x.shape.slice(2))]
    const places = indices.reshape(flat)
    const image = zeros([N, C, count(sizes)], { dtype: x.dtype })
    const put = (values: Tensor): Tensor => image.scatterAdd(places, values, { axis: 2 })
    const values = x.reshape(flat)
    const sum = put(values)
    if (!this.#overlapping) return sum.reshape([N, C, ...sizes])
    // Equal values that met have added up: their mean is what each of them was.
    const repeats = put(zeros(flat, { dtype: x.dtype }).add(1)).maximum(1)
    const once = sum.sub(stopGradient(sum.sub(sum.div(repeats))))
    return where(repeats.greater(1), once, sum).reshape([N, C, ...sizes])
  }

  override footprint(): Footprint[] {
    const { kernelSize: kernel, stride, padding } = this
    return windowFootprint(kernel.length, { kernel, stride, padding, transposed: true })
  }

  protected sizes(x: Tensor, outputSize: Readonly<K> | undefined): number[] {
    const { kernelSize, stride, padding, kind } = this
    const least = kernelSize.map(
      (size, axis) => (x.shape[axis + 2]! - 1) * stride[axis]! - 2 * padding[axis]! + size,
    )
    if (!outputSize) return least
    const fits =
      outputSize.length === least.length &&
      outputSize.every(
        (size, axis) => Number.isSafeInteger(size) && Math.abs(size - least[axis]!) < stride[axis]!,
      )
    if (fits) return [...outputSize]
    throw new ValueError(
      `${kind}: outputSize is not within a stride of ${least.join('x')}: [${outputSize.join(',')}] ` +
        `for stride ${stride.join('x')}`,
    )
  }
}

/**
 * Undoes a `MaxPool2d` with `returnIndices`: each value goes back to where it was the largest, the rest is 0.
 *
 * @example
 * ```ts
 * const pool = new MaxPool2d(2, { returnIndices: true })
 * const { values, indices } = pool.forward(images)
 * new MaxUnpool2d(2).forward(values, indices) // of the shape of images
 * ```
 * @see Zeiler & Fergus 2013, arXiv:1311.2901
 */
export class MaxUnpool2d extends MaxUnpool<Pair, PairLike> {
  /**
   * @param kernelSize a number, or [height, width]
   * @throws ValueError when a size is out of range
   */
  constructor(kernelSize: PairLike, options: MaxUnpoolOptions<PairLike> = {}) {
    super('MaxUnpool2d', kernelSize, options, pair)
  }
}

/** Undoes a `MaxPool1d` with `returnIndices`, as `MaxUnpool2d` for images. */
export class MaxUnpool1d extends MaxUnpool<Single, number> {
  /** @throws ValueError when a size is out of range */
  constructor(kernelSize: number, options: MaxUnpoolOptions<number> = {}) {
    super('MaxUnpool1d', kernelSize, options, one)
  }
}

/** Undoes a `MaxPool3d` with `returnIndices`, as `MaxUnpool2d` for images. */
export class MaxUnpool3d extends MaxUnpool<Triple, TripleLike> {
  /**
   * @param kernelSize a number, or [depth, height, width]
   * @throws ValueError when a size is out of range
   */
  constructor(kernelSize: TripleLike, options: MaxUnpoolOptions<TripleLike> = {}) {
    super('MaxUnpool3d', kernelSize, options, triple)
  }
}
