import { Parameter, ShapeError, ValueError, conv1d, conv2d, zeros } from '@badak/tensor'
import type { PairLike, Tensor } from '@badak/tensor'
import { heUniform, type Initializer } from '@badak/initializers'
import { Module } from '@badak/layers'
import { pair, single, type Pair } from './size.ts'

/** Options of `Conv1d` and `Conv2d`; `Size` is a number, or in two dimensions also a pair [height, width]. */
export interface ConvOptions<Size> {
  /** Distance between the windows; default 1. */
  stride?: Size
  /**
   * Zeros on each side; `same` for as many as keep the size (an odd one goes after the image; stride 1 only),
   * `valid` for none. Default 0.
   */
  padding?: Size | 'same' | 'valid'
  /** Distance between the elements of the kernel; default 1. */
  dilation?: Size
  /** Into how many independent convolutions the channels are split; default 1. */
  groups?: number
  /** Whether a bias, initially 0, is added to each output channel; default true. */
  bias?: boolean
  /**
   * First value of the weight; default `heUniform`. PyTorch draws from U(±1/√fanIn), which is √6 times
   * narrower.
   */
  init?: Initializer
}

/** Options with their defaults. `K` is the tuple of sizes along the axes of the kernel. */
interface Resolved<K> {
  readonly stride: K
  readonly padding: K | 'same' | 'valid'
  readonly dilation: K
  readonly groups: number
  readonly bias: boolean
  readonly init: Initializer
}

/** What `Conv1d` and `Conv2d` share. */
abstract class Convolution<K extends readonly number[]> extends Module {
  readonly weight: Parameter
  readonly bias?: Parameter
  readonly stride: K
  readonly padding: K | 'same' | 'valid'
  readonly dilation: K
  readonly groups: number
  /** Its name in errors; class names do not survive minification. */
  protected readonly kind: string

  constructor(kind: string, inChannels: number, outChannels: number, kernel: K, options: Resolved<K>) {
    super()
    const { stride, padding, dilation, groups, bias, init } = options
    for (const [what, size] of Object.entries({ inChannels, outChannels, groups }))
      single(kind, what, size, 1)
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new ValueError(
        `${kind}: groups must divide both channels: ` +
          `${groups} groups, ${inChannels} and ${outChannels} channels`,
      )
    }
    if (padding === 'same' && stride.some((step) => step !== 1)) {
      throw new ValueError(`${kind}: padding 'same' needs stride 1: stride ${stride.join('x')}`)
    }
    this.weight = new Parameter(init([outChannels, inChannels / groups, ...kernel]))
    if (bias) this.bias = new Parameter(zeros([outChannels], { dtype: this.weight.dtype }))
    this.kind = kind
    this.stride = stride
    this.padding = padding
    this.dilation = dilation
    this.groups = groups
  }

  /** @throws ShapeError when `x` is not of the right rank or number of channels */
  protected check(x: Tensor): void {
    const { rank, shape } = this.weight
    const channels = shape[1]! * this.groups
    if (x.rank === rank && x.shape[1] === channels) return
    const axes = rank === 4 ? '[N, C, H, W]' : '[N, C, L]'
    throw new ShapeError(
      `${this.kind}: input is not ${axes} with ${channels} channels: ` +
        `[${x.shape.join(',')}] x [${shape.join(',')}]`,
    )
  }

  protected addBias(output: Tensor): Tensor {
    const { bias } = this
    return bias ? output.add(bias.reshape([1, bias.size, ...this.stride.map(() => 1)])) : output
  }

  /** As many as the weight of one output channel has elements, for each element of the output. */
  override multiplyAdds(output: Tensor): number {
    return output.size * (this.weight.size / this.weight.shape[0]!)
  }

  override toString(): string {
    const [outChannels, perGroup, ...kernel] = this.weight.shape as [number, number, ...number[]]
    return `${this.kind}(${perGroup * this.groups}, ${outChannels}, ${kernel.join('x')})`
  }
}

type SizeReader<K, Size> = (kind: string, what: string, size: Size, least: number) => K

function resolve<K, Size extends PairLike>(
  kind: string,
  options: ConvOptions<Size>,
  size: SizeReader<K, Size>,
): Resolved<K> {
  const {
    stride = 1 as Size,
    padding = 0 as Size,
    dilation = 1 as Size,
    groups = 1,
    bias = true,
    init = heUniform,
  } = options
  const named = padding === 'same' || padding === 'valid'
  if (typeof padding === 'string' && !named) {
    throw new ValueError(
      `${kind}: unknown padding ${JSON.stringify(padding)}: expected a number, 'same' or 'valid'`,
    )
  }
  return {
    stride: size(kind, 'stride', stride, 1),
    padding: named ? padding : size(kind, 'padding', padding, 0),
    dilation: size(kind, 'dilation', dilation, 1),
    groups,
    bias,
    init,
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
    super('Conv2d', inChannels, outChannels, kernel, resolve('Conv2d', options, pair))
  }

  /**
   * @param x `[N, inChannels, H, W]`
   * @returns `[N, outChannels, OH, OW]`, `OH = ⌊(H + 2·padding − dilation·(KH − 1) − 1) / stride⌋ + 1`
   * @throws ShapeError when `x` has another rank or number of channels, or is smaller than the kernel
   */
  forward(x: Tensor): Tensor {
    this.check(x)
    const { stride, padding, dilation, groups } = this
    return this.addBias(conv2d(x, this.weight, { stride, padding, dilation, groups }))
  }
}

/**
 * 1-D convolution (cross-correlation) of sequences, plus a bias per output channel.
 *
 * `weight` is `[outChannels, inChannels / groups, K]`, `bias` is `[outChannels]`, as in PyTorch.
 */
export class Conv1d extends Convolution<[number]> {
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
    const one: SizeReader<[number], number> = (kind, what, size, least) => [single(kind, what, size, least)]
    const kernel = one('Conv1d', 'kernelSize', kernelSize, 1)
    super('Conv1d', inChannels, outChannels, kernel, resolve('Conv1d', options, one))
  }

  /**
   * @param x `[N, inChannels, L]`
   * @returns `[N, outChannels, OL]`, `OL = ⌊(L + 2·padding − dilation·(K − 1) − 1) / stride⌋ + 1`
   * @throws ShapeError when `x` has another rank or number of channels, or is shorter than the kernel
   */
  forward(x: Tensor): Tensor {
    this.check(x)
    const { padding, groups } = this
    const options = { stride: this.stride[0], dilation: this.dilation[0], groups }
    return this.addBias(
      conv1d(x, this.weight, { ...options, padding: typeof padding === 'string' ? padding : padding[0] }),
    )
  }
}
