import type { PairLike, Tensor } from '@badak/tensor'
import { Module } from '@badak/layers'
import { col2im, im2col, type Im2colOptions } from './im2col.ts'
import { pair, type Pair } from './size.ts'

/** The windows of an `Unfold` or a `Fold`, beside their size. */
export type FoldOptions = Omit<Im2colOptions, 'kernel'>

/** What `Unfold` and `Fold` share. */
abstract class Windows extends Module {
  readonly kernelSize: Pair
  readonly stride: Pair
  readonly padding: Pair
  readonly dilation: Pair

  constructor(kind: string, kernelSize: PairLike, { stride = 1, padding = 0, dilation = 1 }: FoldOptions) {
    super()
    this.kernelSize = pair(kind, 'kernelSize', kernelSize, 1)
    this.stride = pair(kind, 'stride', stride, 1)
    this.padding = pair(kind, 'padding', padding, 0)
    this.dilation = pair(kind, 'dilation', dilation, 1)
  }

  protected get windows(): Im2colOptions {
    const { kernelSize: kernel, stride, padding, dilation } = this
    return { kernel, stride, padding, dilation }
  }
}

/** `im2col` as a layer: each window of an image as a column. */
export class Unfold extends Windows {
  /**
   * @param kernelSize a number, or [height, width]
   * @throws ValueError when a size is out of range
   */
  constructor(kernelSize: PairLike, options: FoldOptions = {}) {
    super('Unfold', kernelSize, options)
  }

  /**
   * @param x `[N, C, H, W]`
   * @returns `[N, C·KH·KW, OH·OW]`
   * @throws ShapeError when `x` has another rank, or is smaller than the window
   */
  forward(x: Tensor): Tensor {
    return im2col(x, this.windows)
  }

  override toString(): string {
    return `Unfold(${this.kernelSize.join('x')})`
  }
}

/** `col2im` as a layer: columns added up to an image. */
export class Fold extends Windows {
  readonly outputSize: Pair

  /**
   * @param outputSize of the image: a number, or [height, width]
   * @param kernelSize a number, or [height, width]
   * @throws ValueError when a size is out of range
   */
  constructor(outputSize: PairLike, kernelSize: PairLike, options: FoldOptions = {}) {
    super('Fold', kernelSize, options)
    this.outputSize = pair('Fold', 'outputSize', outputSize, 1)
  }

  /**
   * @param x `[N, C·KH·KW, OH·OW]`
   * @returns `[N, C, H, W]`
   * @throws ShapeError when the columns are not those of an image of `outputSize`
   */
  forward(x: Tensor): Tensor {
    return col2im(x, this.outputSize, this.windows)
  }

  override toString(): string {
    return `Fold(${this.outputSize.join('x')}, ${this.kernelSize.join('x')})`
  }
}
