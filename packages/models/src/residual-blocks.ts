import { pad, slice, ValueError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Conv2d } from '@badak/cnn'
import { BatchNorm2d, type Layer, Module, ReLU, Sequential } from '@badak/layers'
import { fanOutNormal } from './initial-values.ts'

/** How a residual block differs from the plain one. */
export interface ResidualBlockOptions {
  /** Of the block's first 3×3 convolution; default 1. */
  stride?: number
  /** What makes the shortcut fit the output; default none, the input itself. */
  downsample?: Layer | undefined
  /** Of the 3×3 convolution of a bottleneck; default 1. */
  groups?: number
  /** Channels of a group, where the block has 64 channels; default 64. */
  widthPerGroup?: number
  /** Of the 3×3 convolution of a bottleneck; default 1. */
  dilation?: number
}

/** What `BasicBlock` and `Bottleneck` are to a network. */
export interface ResidualBlock extends Layer {
  /** The last normalisation of the branch. */
  readonly lastNorm: BatchNorm2d
}

/** Makes a block of `channels · expansion` output channels. */
export interface ResidualBlockClass {
  /** Output channels for each channel of the block. */
  readonly expansion: number
  new (inChannels: number, channels: number, options?: ResidualBlockOptions): ResidualBlock
}

interface Conv3x3Options {
  readonly stride?: number
  readonly groups?: number
  readonly dilation?: number
}

function conv3x3(inChannels: number, channels: number, options: Conv3x3Options = {}): Conv2d {
  const { dilation = 1 } = options
  return new Conv2d(inChannels, channels, 3, {
    ...options,
    padding: dilation,
    bias: false,
    init: fanOutNormal,
  })
}

function conv1x1(inChannels: number, channels: number, stride = 1): Conv2d {
  return new Conv2d(inChannels, channels, 1, { stride, bias: false, init: fanOutNormal })
}

/**
 * `relu(bn(conv(relu(bn(conv(x))))) + shortcut(x))` with convolutions of 3×3.
 *
 * @see He et al. 2015, arXiv:1512.03385, figure 5, left
 */
export class BasicBlock extends Module implements ResidualBlock {
  static readonly expansion = 1
  readonly conv1: Conv2d
  readonly bn1: BatchNorm2d
  readonly relu: ReLU
  readonly conv2: Conv2d
  readonly bn2: BatchNorm2d
  readonly downsample?: Layer

  /** @throws ValueError when there are groups, another width or a dilation, which this block has not got */
  constructor(inChannels: number, channels: number, options: ResidualBlockOptions = {}) {
    super()
    const { stride = 1, downsample, groups = 1, widthPerGroup = 64, dilation = 1 } = options
    if (groups !== 1 || widthPerGroup !== 64 || dilation !== 1) {
      throw new ValueError(
        'BasicBlock: only a bottleneck has groups, width and dilation: ' +
          `groups ${groups}, widthPerGroup ${widthPerGroup}, dilation ${dilation}`,
      )
    }
    this.conv1 = conv3x3(inChannels, channels, { stride })
    this.bn1 = new BatchNorm2d(channels)
    this.relu = new ReLU()
    this.conv2 = conv3x3(channels, channels)
    this.bn2 = new BatchNorm2d(channels)
    if (downsample) this.downsample = downsample
  }

  get lastNorm(): BatchNorm2d {
    return this.bn2
  }

  /** @returns `[N, channels, ⌈H / stride⌉, ⌈W / stride⌉]` */
  forward(x: Tensor): Tensor {
    const hidden = this.relu.forward(this.bn1.forward(this.conv1.forward(x)))
    const branch = this.bn2.forward(this.conv2.forward(hidden))
    return this.relu.forward(branch.add(this.downsample?.forward(x) ?? x))
  }

  override toString(): string {
    return 'BasicBlock'
  }
}

/**
 * A residual block of 1×1, 3×3 and 1×1: the 3×3 works on a quarter of the channels. The stride is that of the
 * 3×3, as in torchvision ("ResNet v1.5"); the paper's is that of the first 1×1, half a percent less accurate.
 *
 * @see He et al. 2015, arXiv:1512.03385, figure 5, right; Xie et al. 2016, arXiv:1611.05431, for `groups`
 */
export class Bottleneck extends Module implements ResidualBlock {
  static readonly expansion = 4
  readonly conv1: Conv2d
  readonly bn1: BatchNorm2d
  readonly conv2: Conv2d
  readonly bn2: BatchNorm2d
  readonly conv3: Conv2d
  readonly bn3: BatchNorm2d
  readonly relu: ReLU
  readonly downsample?: Layer

  /** @throws ValueError when an option is out of range */
  constructor(inChannels: number, channels: number, options: ResidualBlockOptions = {}) {
    super()
    const { stride = 1, downsample, groups = 1, widthPerGroup = 64, dilation = 1 } = options
    const width = Math.floor((channels * widthPerGroup) / 64) * groups
    const outChannels = channels * Bottleneck.expansion
    this.conv1 = conv1x1(inChannels, width)
    this.bn1 = new BatchNorm2d(width)
    this.conv2 = conv3x3(width, width, { stride, groups, dilation })
    this.bn2 = new BatchNorm2d(width)
    this.conv3 = conv1x1(width, outChannels)
    this.bn3 = new BatchNorm2d(outChannels)
    this.relu = new ReLU()
    if (downsample) this.downsample = downsample
  }

  get lastNorm(): BatchNorm2d {
    return this.bn3
  }

  /** @returns `[N, 4 · channels, ⌈H / stride⌉, ⌈W / stride⌉]` */
  forward(x: Tensor): Tensor {
    const narrowed = this.relu.forward(this.bn1.forward(this.conv1.forward(x)))
    const hidden = this.relu.forward(this.bn2.forward(this.conv2.forward(narrowed)))
    const branch = this.bn3.forward(this.conv3.forward(hidden))
    return this.relu.forward(branch.add(this.downsample?.forward(x) ?? x))
  }

  override toString(): string {
    return 'Bottleneck'
  }
}

/** A shortcut of 1×1 convolution and normalisation: option B of the paper. */
export function projection(inChannels: number, outChannels: number, stride: number): Sequential {
  return new Sequential(conv1x1(inChannels, outChannels, stride), new BatchNorm2d(outChannels))
}

/** A shortcut without parameters: every `stride`-th pixel, and zeros for new channels; option A of the paper. */
export class PaddedShortcut extends Module {
  readonly outChannels: number
  readonly stride: number

  constructor(outChannels: number, stride: number) {
    super()
    this.outChannels = outChannels
    this.stride = stride
  }

  /** @returns `[N, outChannels, ⌈H / stride⌉, ⌈W / stride⌉]` */
  forward(x: Tensor): Tensor {
    const [, channels, H, W] = x.shape as [number, number, number, number]
    const picked = slice(x, [[], [], [0, H, this.stride], [0, W, this.stride]])
    return pad(picked, [
      [0, 0],
      [0, this.outChannels - channels],
      [0, 0],
      [0, 0],
    ])
  }

  override toString(): string {
    return `PaddedShortcut(${this.outChannels}, ${this.stride})`
  }
}
