import { ValueError, convTranspose1d, convTranspose2d, convTranspose3d } from '@badak/tensor'
import type { PairLike, Tensor, TripleLike } from '@badak/tensor'
import type { Initializer } from '@badak/initializers'
import { windowFootprint, type Footprint, type Seeing } from './footprint.ts'
import { KernelLayer, kernelOptions, type Channels, type KernelOptions } from './kernel-layer.ts'
import { one, pair, triple, type Pair, type Single, type SizeReader, type Triple } from './size.ts'

/**
 * Options of `ConvTranspose1d`, `ConvTranspose2d` and `ConvTranspose3d`; `Size` is a number, or in two and three
 * dimensions also one per axis.
 */
export interface ConvTransposeOptions<Size> {
  /** Distance between the places to which neighbours go, so how much larger the result is; default 1. */
  stride?: Size
  /** Pixels cut off on each side of the result; default 0. */
  padding?: Size
  /** Pixels added after the result, below stride or dilation; default 0. */
  outputPadding?: Size
  /** Distance between the elements of the kernel; default 1. */
  dilation?: Size
  /** Into how many independent convolutions the channels are split; default 1. */
  groups?: number
  /** Whether a bias, initially 0, is added to each output channel; default true. */
  bias?: boolean
  /** First value of the weight; default `heUniform`. */
  init?: Initializer
}

/** Options with their defaults. */
interface Resolved<K> extends KernelOptions<K> {
  readonly padding: K
  readonly outputPadding: K
}

/** What the transposed convolutions share. */
abstract class TransposedConvolution<K extends readonly number[]> extends KernelLayer<K> implements Seeing {
  readonly padding: K
  readonly outputPadding: K

  constructor(kind: string, channels: Channels, kernel: K, options: Resolved<K>) {
    super(kind, channels, kernel, options, true)
    const { padding, outputPadding, stride, dilation } = options
    if (outputPadding.some((size, axis) => size >= Math.max(stride[axis]!, dilation[axis]!))) {
      throw new ValueError(
        `${kind}: outputPadding is not below stride or dilation: ${outputPadding.join('x')} ` +
          `for stride ${stride.join('x')}, dilation ${dilation.join('x')}`,
      )
    }
    this.padding = padding
    this.outputPadding = outputPadding
  }

  /** The output padding that leads to `outputSize`, or the layer's own. @throws ValueError */
  protected paddingFor(x: Tensor, outputSize: readonly number[] | undefined): K {
    this.check(x)
    if (!outputSize) return this.outputPadding
    const { kernelSize, stride, padding, dilation } = this
    if (outputSize.length !== kernelSize.length) {
      throw new ValueError(
        `${this.kind}: outputSize has not one size for each of ${kernelSize.length} axes: ` +
          `[${outputSize.join(',')}]`,
      )
    }
    return outputSize.map((size, axis) => {
      const full = (x.shape[axis + 2]! - 1) * stride[axis]! + dilation[axis]! * (kernelSize[axis]! - 1) + 1
      const least = full - 2 * padding[axis]!
      const most = least + Math.max(stride[axis]!, dilation[axis]!) - 1
      if (Number.isSafeInteger(size) && size >= least && size <= most) return size - least
      throw new ValueError(
        `${this.kind}: outputSize is out of reach: ${size} on axis ${axis + 2}, from ${least} to ${most} are possible`,
      )
    }) as readonly number[] as K
  }

  /** What `receptiveField` asks for. */
  footprint(): Footprint[] {
    const { kernelSize: kernel, stride, padding, dilation } = this
    return windowFootprint(kernel.length, { kernel, stride, padding, dilation, transposed: true })
  }

  /** As many as the weight of one input channel has elements, for each element of the input. */
  override multiplyAdds(_output: Tensor, x: Tensor): number {
    return x.size * (this.weight.size / this.inChannels)
  }
}

function resolve<K, Size extends number | readonly number[]>(
  kind: string,
  options: ConvTransposeOptions<Size>,
  size: SizeReader<K, Size>,
): Resolved<K> {
  const { padding = 0 as Size, outputPadding = 0 as Size } = options
  return {
    ...kernelOptions(kind, options, size),
    padding: size(kind, 'padding', padding, 0),
    outputPadding: size(kind, 'outputPadding', outputPadding, 0),
  }
}

/**
 * 2-D transposed convolution, which enlarges images by as much as a `Conv2d` of its stride shrinks them: each
 * pixel puts the kernel, weighted by its value, into the result. Also called deconvolution, which it is not.
 *
 * `weight` is `[inChannels, outChannels / groups, KH, KW]`, `bias` is `[outChannels]`, as in PyTorch.
 *
 * @example
 * ```ts
 * const layer = new ConvTranspose2d(16, 3, 4, { stride: 2, padding: 1 })
 * layer.forward(zeros([8, 16, 14, 14])).shape // [8, 3, 28, 28]
 * ```
 * @see Dumoulin & Visin 2016, arXiv:1603.07285
 */
export class ConvTranspose2d extends TransposedConvolution<Pair> {
  /**
   * @param kernelSize a number, or [height, width]
   * @throws ValueError when a size is out of range or `groups` does not divide the channels
   */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: PairLike,
    options: ConvTransposeOptions<PairLike> = {},
  ) {
    const kernel = pair('ConvTranspose2d', 'kernelSize', kernelSize, 1)
    super('ConvTranspose2d', { inChannels, outChannels }, kernel, resolve('ConvTranspose2d', options, pair))
  }

  /**
   * @param x `[N, inChannels, H, W]`
   * @param options
   * @param options.outputSize `[OH, OW]`, in place of the layer's output padding
   * @returns `[N, outChannels, OH, OW]`,
   *   `OH = (H − 1)·stride − 2·padding + dilation·(KH − 1) + outputPadding + 1`
   * @throws ShapeError when `x` has another rank or number of channels, or nothing is left of the result
   * @throws ValueError when `outputSize` is none that the stride can lead to
   */
  forward(x: Tensor, { outputSize }: { outputSize?: Readonly<Pair> } = {}): Tensor {
    const outputPadding = this.paddingFor(x, outputSize)
    const { stride, padding, dilation, groups } = this
    return this.addBias(convTranspose2d(x, this.weight, { stride, padding, outputPadding, dilation, groups }))
  }
}

/**
 * 1-D transposed convolution of sequences, as `ConvTranspose2d` of images.
 *
 * `weight` is `[inChannels, outChannels / groups, K]`, `bias` is `[outChannels]`, as in PyTorch.
 */
export class ConvTranspose1d extends TransposedConvolution<Single> {
  /** @throws ValueError when a size is out of range or `groups` does not divide the channels */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number,
    options: ConvTransposeOptions<number> = {},
  ) {
    const kernel = one('ConvTranspose1d', 'kernelSize', kernelSize, 1)
    super('ConvTranspose1d', { inChannels, outChannels }, kernel, resolve('ConvTranspose1d', options, one))
  }

  /**
   * @param x `[N, inChannels, L]`
   * @param options
   * @param options.outputSize `[OL]`, in place of the layer's output padding
   * @returns `[N, outChannels, OL]`, `OL = (L − 1)·stride − 2·padding + dilation·(K − 1) + outputPadding + 1`
   * @throws ShapeError, ValueError as `ConvTranspose2d`
   */
  forward(x: Tensor, { outputSize }: { outputSize?: Readonly<Single> } = {}): Tensor {
    const [outputPadding] = this.paddingFor(x, outputSize)
    const {
      stride: [stride],
      padding: [padding],
      dilation: [dilation],
      groups,
    } = this
    return this.addBias(convTranspose1d(x, this.weight, { stride, padding, outputPadding, dilation, groups }))
  }
}

/**
 * 3-D transposed convolution of volumes or videos, as `ConvTranspose2d` of images.
 *
 * `weight` is `[inChannels, outChannels / groups, KD, KH, KW]`, `bias` is `[outChannels]`, as in PyTorch.
 */
export class ConvTranspose3d extends TransposedConvolution<Triple> {
  /**
   * @param kernelSize a number, or [depth, height, width]
   * @throws ValueError when a size is out of range or `groups` does not divide the channels
   */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: TripleLike,
    options: ConvTransposeOptions<TripleLike> = {},
  ) {
    const kernel = triple('ConvTranspose3d', 'kernelSize', kernelSize, 1)
    super('ConvTranspose3d', { inChannels, outChannels }, kernel, resolve('ConvTranspose3d', options, triple))
  }

  /**
   * @param x `[N, inChannels, D, H, W]`
   * @param options
   * @param options.outputSize `[OD, OH, OW]`, in place of the layer's output padding
   * @returns `[N, outChannels, OD, OH, OW]`, each as for `ConvTranspose2d`
   * @throws ShapeError, ValueError as `ConvTranspose2d`
   */
  forward(x: Tensor, { outputSize }: { outputSize?: Readonly<Triple> } = {}): Tensor {
    const outputPadding = this.paddingFor(x, outputSize)
    const { stride, padding, dilation, groups } = this
    return this.addBias(convTranspose3d(x, this.weight, { stride, padding, outputPadding, dilation, groups }))
  }
}
