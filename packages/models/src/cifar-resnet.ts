import { flatten, ValueError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Conv2d, GlobalAvgPool2d } from '@badak/cnn'
import { BatchNorm2d, Linear, ReLU, Sequential } from '@badak/layers'
import { type ClassifierOptions, ImageClassifier } from './image-classifier.ts'
import { fanInUniform, fanOutNormal, withUniformBias } from './initial-values.ts'
import { BasicBlock, PaddedShortcut, projection } from './residual-blocks.ts'

/** Options of `CifarResNet`; 10 classes by default. */
export interface CifarResNetOptions extends ClassifierOptions {
  /**
   * What shortcuts do where the image is halved: `A` (default), as in the paper's experiments on CIFAR-10, takes
   * every second pixel and adds channels of zeros; `B` is a convolution of 1×1.
   */
  shortcut?: 'A' | 'B'
}

/**
 * The small residual networks for images of 32×32: a convolution of 3×3 and three stages of 16, 32 and 64
 * channels.
 *
 * Fields and names of states are those of `ResNet`, without a fourth stage. The paper normalises by the mean of
 * each pixel; that of each channel does as well.
 *
 * @see He et al. 2015, arXiv:1512.03385, section 4.2
 */
export class CifarResNet extends ImageClassifier {
  readonly conv1: Conv2d
  readonly bn1: BatchNorm2d
  readonly relu: ReLU
  readonly layer1: Sequential
  readonly layer2: Sequential
  readonly layer3: Sequential
  readonly avgpool: GlobalAvgPool2d
  readonly fc: Linear

  /**
   * @param depth 6n + 2 layers, for n blocks in a stage
   * @throws ValueError when the depth is none of those, or an option is out of range
   */
  constructor(depth: number, options: CifarResNetOptions = {}) {
    super('CifarResNet', { numClasses: 10, ...options })
    const { shortcut = 'A' } = options
    const count = (depth - 2) / 6
    if (!Number.isSafeInteger(count) || count < 1)
      throw new ValueError(`CifarResNet: depth is not 6n + 2: ${depth}`)
    if (shortcut !== 'A' && shortcut !== 'B')
      throw new ValueError(`CifarResNet: unknown shortcut ${JSON.stringify(shortcut)}: expected A or B`)
    this.conv1 = new Conv2d(this.inChannels, 16, 3, { padding: 1, bias: false, init: fanOutNormal })
    this.bn1 = new BatchNorm2d(16)
    this.relu = new ReLU()
    this.layer1 = stageOf(count, 16, new BasicBlock(16, 16))
    const fit = shortcut === 'A' ? (_: number, to: number) => new PaddedShortcut(to, 2) : project
    this.layer2 = stageOf(count, 32, new BasicBlock(16, 32, { stride: 2, downsample: fit(16, 32) }))
    this.layer3 = stageOf(count, 64, new BasicBlock(32, 64, { stride: 2, downsample: fit(32, 64) }))
    this.avgpool = new GlobalAvgPool2d()
    this.fc = withUniformBias(new Linear(64, this.numClasses, { init: fanInUniform }))
  }

  /** @returns `[N, 64, ⌈H / 4⌉, ⌈W / 4⌉]` */
  forwardFeatures(x: Tensor): Tensor {
    this.check(x, 1)
    const stem = this.relu.forward(this.bn1.forward(this.conv1.forward(x)))
    return this.layer3.forward(this.layer2.forward(this.layer1.forward(stem)))
  }

  /** @returns logits `[N, numClasses]` */
  forward(x: Tensor): Tensor {
    const features = this.avgpool.forward(this.forwardFeatures(x))
    return this.fc.forward(flatten(features, { start: 1 }))
  }
}

function project(inChannels: number, outChannels: number): Sequential {
  return projection(inChannels, outChannels, 2)
}

function stageOf(count: number, channels: number, first: BasicBlock): Sequential {
  return new Sequential(first, ...Array.from({ length: count - 1 }, () => new BasicBlock(channels, channels)))
}

/** 20 layers, for CIFAR: 269,722 parameters; 8.75 % error on CIFAR-10 in the paper. */
export function resnet20(options: CifarResNetOptions = {}): CifarResNet {
  return new CifarResNet(20, options)
}

/** 32 layers, for CIFAR: 464,154 parameters; 7.51 % error on CIFAR-10 in the paper. */
export function resnet32(options: CifarResNetOptions = {}): CifarResNet {
  return new CifarResNet(32, options)
}

/** 44 layers, for CIFAR: 658,586 parameters; 7.17 % error on CIFAR-10 in the paper. */
export function resnet44(options: CifarResNetOptions = {}): CifarResNet {
  return new CifarResNet(44, options)
}

/** 56 layers, for CIFAR: 853,018 parameters; 6.97 % error on CIFAR-10 in the paper. */
export function resnet56(options: CifarResNetOptions = {}): CifarResNet {
  return new CifarResNet(56, options)
}

/** 110 layers, for CIFAR: 1,727,962 parameters; 6.43 % error on CIFAR-10 in the paper. */
export function resnet110(options: CifarResNetOptions = {}): CifarResNet {
  return new CifarResNet(110, options)
}
