import { ValueError, conv1d, conv2d, conv3d } from '@badak/tensor'
import type { PairLike, Tensor, TripleLike } from '@badak/tensor'
import type { Initializer } from '@badak/initializers'
import { KernelLayer, kernelOptions, type Channels, type KernelOptions } from './kernel-layer.ts'
import { windowFootprint, type Footprint, type Seeing } from './footprint.ts'
import { windowAxes } from './output-size.ts'
import { padAround, paddingModes, type PaddingMode, type PaddingWidths } from './pad-around.ts'
import { one, pair, triple, type Pair, type Single, type SizeReader, type Triple } from './size.ts'

/** Options of `Conv1d`, `Conv2d` and `Conv3d`; `Size` is a number, or in two and three dimensions also one per axis. */
export interface ConvOptions<Size> {
  /** Distance between the windows; default 1. */
  stride?: Size
  /**
   * Pixels put on each side; `same` for as many as keep the size (an odd one goes after the image; stride 1
   * only), `valid` for none. Default 0.
   */
  padding?: Size | 'same' | 'valid'
  /**
   * What stands in the padding: `zeros`, the image mirrored at its edge (`reflect`), its edge (`replicate`), or
   * the image continued from the other side (`circular`). Default `zeros`.
   */
  paddingMode?: PaddingMode
  /** Distance between the elements of the kernel; default 1. */
  dilation?: Size
  /** Into how many independent convolutions the channels are split; default 1. As many as channels: depthwise. */
  groups?: number
  /** Whether a bias, initially 0, is added to each output channel; default true. */
  bias?: boolean
  /**
   * First value of the weight; default `heUniform`. PyTorch draws from U(±1/√fanIn), which is √6 times
   * narrower.
   */
  init?: Initializer
}

/** Options with their defaults. */
interface Resolved<K> extends KernelOptions<K> {
  readonly padding: K | 'same' | 'valid'
  readonly paddingMode: PaddingMode
}

/** What the convolutions share. */
abstract class Convolution<K extends readonly number[]> extends KernelLayer<K> implements Seeing {
  readonly padding: K | 'same' | 'valid'
  readonly paddingMode: PaddingMode

  constructor(kind: string, channels: Channels, kernel: K, options: Resolved<K>) {
    const { stride, padding, paddingMode } = options
    if (padding === 'same' && stride.some((step) => step !== 1)) {
      throw new ValueError(`${kind}: padding 'same' needs stride 1: stride ${stride.join('x')}`)
    }
    super(kind, channels, kernel, options)
    this.padding = padding
    this.paddingMode = paddingMode
  }

  /** What is convolved, and the zeros that the convolution itself is to put around it. */
  protected padded(x: Tensor): { image: Tensor; padding: K | 'same' | 'valid' } {
    this.check(x)
    const { padding, paddingMode } = this
    if (paddingMode === 'zeros' || padding === 'valid') return { image: x, padding }
    const { kernelSize: kernel, stride, dilation } = this
    const axes = windowAxes(this.kind, kernel.length, { kernel, stride, padding, dilation })
    const widths = axes.map(({ before, after }): PaddingWidths => [before, after])
    return { image: padAround(x, widths, { mode: paddingMode }), padding: 'valid' }
  }

  /** What `receptiveField` asks for. */
  footprint(): Footprint[] {
    const { kernelSize: kernel, stride, padding, dilation } = this
    return windowFootprint(kernel.length, { kernel, stride, padding, dilation })
  }

  /** As many as the weight of one output channel has elements, for each element of the output. */
  override multiplyAdds(output: Tensor): number {
    return output.size * (this.weight.size / this.outChannels)
  }
}

function resolve<K, Size extends number | readonly number[]>(
  kind: string,
  options: ConvOptions<Size>,
  size: SizeReader<K, Size>,
): Resolved<K> {
  const { padding = 0 as Size, paddingMode = 'zeros' } = options
  const named = padding === 'same' || padding === 'valid'
  if (typeof padding === 'string' && !named) {
    throw new ValueError(
      `${kind}: unknown padding ${JSON.stringify(padding)}: expected a number, 'same' or 'valid'`,
    )
  }
  if (!paddingModes.includes(paddingMode)) {
    throw new ValueError(
      `${kind}: unknown paddingMode ${JSON.stringify(paddingMode)}: expected ${paddingModes.join(', ')}`,
    )
  }
  return {
    ...kernelOptions(kind, options, size),
    padding: named ? padding : size(kind, 'padding', padding, 0),
    paddingMode,
  }
}

/**
 * 2-D convolution (cross-correlation) of images, plus a bias per output channel.
 *
 * `weight` is `[outChannels, inChannels / groups, KH, KW]`, `bias` is `[outChannels]`, as in PyTorch.
 *
 * @example
 * ```ts
 * const layer = new Conv2d(1, 30, 5)
 * layer.forward(zeros([100, 1, 28, 28])).shape // [100, 30, 24, 24]
 * ```
 * @see Dumoulin & Visin 2016, arXiv:1603.07285
 */
export class Conv2d extends Convolution<Pair> {
  /**
   * @param kernelSize a number, or [height, width]
   * @throws ValueError when a size is out of range, `groups` does not divide the channels, or `same` meets a
   *   stride
   */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: PairLike,
    options: ConvOptions<PairLike> = {},
  ) {
    const kernel = pair('Conv2d', 'kernelSize', kernelSize, 1)
    super('Conv2d', { inChannels, outChannels }, kernel, resolve('Conv2d', options, pair))
  }

  /**
   * @param x `[N, inChannels, H, W]`
   * @returns `[N, outChannels, OH, OW]`, `OH = ⌊(H + 2·padding − dilation·(KH − 1) − 1) / stride⌋ + 1`
   * @throws ShapeError when `x` has another rank or number of channels, is smaller than the kernel, or has too
   *   few pixels to put around it
   */
  forward(x: Tensor): Tensor {
    const { image, padding } = this.padded(x)
    const { stride, dilation, groups } = this
    return this.addBias(conv2d(image, this.weight, { stride, padding, dilation, groups }))
  }
}

/**
 * 1-D convolution (cross-correlation) of sequences, plus a bias per output channel.
 *
 * `weight` is `[outChannels, inChannels / groups, K]`, `bias` is `[outChannels]`, as in PyTorch.
 */
export class Conv1d extends Convolution<Single> {
  /**
   * @throws ValueError when a size is out of range, `groups` does not divide the channels, or `same` meets a
   *   stride
   */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number,
    options: ConvOptions<number> = {},
  ) {
    const kernel = one('Conv1d', 'kernelSize', kernelSize, 1)
    super('Conv1d', { inChannels, outChannels }, kernel, resolve('Conv1d', options, one))
  }

  /**
   * @param x `[N, inChannels, L]`
   * @returns `[N, outChannels, OL]`, `OL = ⌊(L + 2·padding − dilation·(K − 1) − 1) / stride⌋ + 1`
   * @throws ShapeError when `x` has another rank or number of channels, is shorter than the kernel, or has too
   *   few elements to put around it
   */
  forward(x: Tensor): Tensor {
    const { image, padding } = this.padded(x)
    const options = { stride: this.stride[0], dilation: this.dilation[0], groups: this.groups }
    const around = typeof padding === 'string' ? padding : padding[0]
    return this.addBias(conv1d(image, this.weight, { ...options, padding: around }))
  }
}

/**
 * 3-D convolution (cross-correlation) of volumes or videos, plus a bias per output channel.
 *
 * `weight` is `[outChannels, inChannels / groups, KD, KH, KW]`, `bias` is `[outChannels]`, as in PyTorch.
 */
export class Conv3d extends Convolution<Triple> {
  /**
   * @param kernelSize a number, or [depth, height, width]
   * @throws ValueError when a size is out of range, `groups` does not divide the channels, or `same` meets a
   *   stride
   */
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: TripleLike,
    options: ConvOptions<TripleLike> = {},
  ) {
    const kernel = triple('Conv3d', 'kernelSize', kernelSize, 1)
    super('Conv3d', { inChannels, outChannels }, kernel, resolve('Conv3d', options, triple))
  }

  /**
   * @param x `[N, inChannels, D, H, W]`
   * @returns `[N, outChannels, OD, OH, OW]`, each as for `Conv2d`
   * @throws ShapeError when `x` has another rank or number of channels, is smaller than the kernel, or has too
   *   few voxels to put around it
   */
  forward(x: Tensor): Tensor {
    const { image, padding } = this.padded(x)
    const { stride, dilation, groups } = this
    return this.addBias(conv3d(image, this.weight, { stride, padding, dilation, groups }))
  }
}
