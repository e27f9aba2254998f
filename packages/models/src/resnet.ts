import { flatten, ValueError, zeros } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Conv2d, GlobalAvgPool2d, MaxPool2d } from '@badak/cnn'
import { BatchNorm2d, Identity, type Layer, Linear, ReLU, Sequential } from '@badak/layers'
import { checkCount, type ClassifierOptions, ImageClassifier } from './image-classifier.ts'
import { fanInUniform, fanOutNormal, withUniformBias } from './initial-values.ts'
import { BasicBlock, Bottleneck, projection, type ResidualBlockClass } from './residual-blocks.ts'

/** Options of `ResNet`. */
export interface ResNetOptions extends ClassifierOptions {
  /**
   * The first layers: `large` (default) for photographs, a convolution of 7×7 with stride 2 and a pooling; `small`
   * for images of about 32×32, a convolution of 3×3 and nothing more.
   */
  stem?: 'large' | 'small'
  /** Channels of the first stage; each of the others has twice those of the one before. Default 64. */
  width?: number
  /** Groups of the 3×3 convolutions in bottlenecks; default 1, 32 in a ResNeXt-50. */
  groups?: number
  /** Channels of a group in the first stage; default 64, 4 in a ResNeXt-50, 128 in a Wide ResNet-50-2. */
  widthPerGroup?: number
  /**
   * Which of the last three stages dilate their convolutions instead of halving the image, as networks for
   * segmentation do; default none.
   */
  replaceStrideWithDilation?: readonly [boolean, boolean, boolean]
  /**
   * Whether each block begins as the identity, the last scale in its branch being 0: 0.2 to 0.3 % more accurate
   * (Goyal et al. 2017, arXiv:1706.02677). Default false.
   */
  zeroInitResidual?: boolean
}

/** Blocks of each stage. */
export type StageCounts = readonly [number, number, number, number]

/** What is the same in all stages, and what one stage hands to the next. */
interface Stages {
  readonly Block: ResidualBlockClass
  readonly groups: number
  readonly widthPerGroup: number
  inChannels: number
  dilation: number
}

interface Stage {
  readonly channels: number
  readonly count: number
  readonly stride: number
  /** Whether it dilates instead of striding. */
  readonly dilate: boolean
}

/**
 * A residual network: four stages of blocks that add what they compute to what they are given.
 *
 * Images of 224×224, or of any size with `stem: 'small'`; normalised by `imagenetNormalisation` for torchvision's
 * weights. Names of states and layouts are torchvision's.
 *
 * @example
 * ```ts
 * const model = resnet18({ stem: 'small', inChannels: 1, numClasses: 10 }) // for MNIST
 * model.layer4.onForward((_layer, _inputs, features) => void maps.push(keep(features)))
 * ```
 * @see He et al. 2015, arXiv:1512.03385
 */
export class ResNet extends ImageClassifier {
  readonly conv1: Conv2d
  readonly bn1: BatchNorm2d
  readonly relu: ReLU
  readonly maxpool: Layer
  readonly layer1: Sequential
  readonly layer2: Sequential
  readonly layer3: Sequential
  readonly layer4: Sequential
  readonly avgpool: GlobalAvgPool2d
  readonly fc: Linear

  /**
   * @param Block `BasicBlock` or `Bottleneck`
   * @param counts blocks of each stage
   * @throws ValueError when an option is out of range
   */
  constructor(Block: ResidualBlockClass, counts: StageCounts, options: ResNetOptions = {}) {
    super('ResNet', options)
    const { stem = 'large', width = 64, groups = 1, widthPerGroup = 64, zeroInitResidual = false } = options
    const { replaceStrideWithDilation: dilated = [false, false, false] } = options
    checkCount('ResNet', 'width', width)
    if (stem !== 'large' && stem !== 'small')
      throw new ValueError(`ResNet: unknown stem ${JSON.stringify(stem)}: expected large or small`)
    const large = stem === 'large'
    this.conv1 = new Conv2d(this.inChannels, width, large ? 7 : 3, {
      stride: large ? 2 : 1,
      padding: large ? 3 : 1,
      bias: false,
      init: fanOutNormal,
    })
    this.bn1 = new BatchNorm2d(width)
    this.relu = new ReLU()
    this.maxpool = large ? new MaxPool2d(3, { stride: 2, padding: 1 }) : new Identity()
    const stages = { Block, groups, widthPerGroup, inChannels: width, dilation: 1 }
    const stage = (k: number): Sequential =>
      stageOf(stages, {
        channels: width * 2 ** k,
        count: counts[k]!,
        stride: k === 0 ? 1 : 2,
        dilate: k > 0 && dilated[k - 1]!,
      })
    this.layer1 = stage(0)
    this.layer2 = stage(1)
    this.layer3 = stage(2)
    this.layer4 = stage(3)
    this.avgpool = new GlobalAvgPool2d()
    this.fc = withUniformBias(new Linear(stages.inChannels, this.numClasses, { init: fanInUniform }))
    if (zeroInitResidual) zeroBranches(this)
  }

  /** @returns `[N, C, ⌈H / 32⌉, ⌈W / 32⌉]`, C = 512 of basic blocks and 2048 of bottlenecks */
  forwardFeatures(x: Tensor): Tensor {
    this.check(x, 1)
    const stem = this.maxpool.forward(this.relu.forward(this.bn1.forward(this.conv1.forward(x))))
    const halfway = this.layer2.forward(this.layer1.forward(stem))
    return this.layer4.forward(this.layer3.forward(halfway))
  }

  /** @returns logits `[N, numClasses]` */
  forward(x: Tensor): Tensor {
    const features = this.avgpool.forward(this.forwardFeatures(x))
    return this.fc.forward(flatten(features, { start: 1 }))
  }
}

function stageOf(stages: Stages, { channels, count, stride, dilate }: Stage): Sequential {
  checkCount('ResNet', 'blocks of a stage', count)
  const { Block, groups, widthPerGroup } = stages
  const outChannels = channels * Block.expansion
  const step = dilate ? 1 : stride
  // The first block still has the dilation of the stage before: it is where the image would be halved.
  const firstDilation = stages.dilation
  if (dilate) stages.dilation *= stride
  const fits = step === 1 && stages.inChannels === outChannels
  const blocks = Array.from({ length: count }, (_, k) =>
    k === 0
      ? new Block(stages.inChannels, channels, {
          stride: step,
          downsample: fits ? undefined : projection(stages.inChannels, outChannels, step),
          groups,
          widthPerGroup,
          dilation: firstDilation,
        })
      : new Block(outChannels, channels, { groups, widthPerGroup, dilation: stages.dilation }),
  )
  stages.inChannels = outChannels
  return new Sequential(...blocks)
}

function zeroBranches(model: ResNet): void {
  for (const module of model.modules()) {
    const scale =
      module instanceof BasicBlock || module instanceof Bottleneck ? module.lastNorm.weight : undefined
    scale?.assign(zeros(scale.shape))
  }
}

/** 18 layers: 11,689,512 parameters, 69.8 % top-1 on ImageNet with torchvision's weights. */
export function resnet18(options: ResNetOptions = {}): ResNet {
  return new ResNet(BasicBlock, [2, 2, 2, 2], options)
}

/** 34 layers: 21,797,672 parameters, 73.3 % top-1 on ImageNet. */
export function resnet34(options: ResNetOptions = {}): ResNet {
  return new ResNet(BasicBlock, [3, 4, 6, 3], options)
}

/** 50 layers: 25,557,032 parameters, 80.9 % top-1 on ImageNet. */
export function resnet50(options: ResNetOptions = {}): ResNet {
  return new ResNet(Bottleneck, [3, 4, 6, 3], options)
}

/** 101 layers: 44,549,160 parameters, 81.9 % top-1 on ImageNet. */
export function resnet101(options: ResNetOptions = {}): ResNet {
  return new ResNet(Bottleneck, [3, 4, 23, 3], options)
}

/** 152 layers: 60,192,808 parameters, 82.3 % top-1 on ImageNet. */
export function resnet152(options: ResNetOptions = {}): ResNet {
  return new ResNet(Bottleneck, [3, 8, 36, 3], options)
}

/**
 * ResNeXt-50, whose 3×3 convolutions have 32 groups: 25,028,904 parameters, 81.2 % top-1 on ImageNet.
 *
 * @see Xie et al. 2016, arXiv:1611.05431
 */
export function resnext50_32x4d(options: ResNetOptions = {}): ResNet {
  return resnet50({ groups: 32, widthPerGroup: 4, ...options })
}

/** ResNeXt-101 with 32 groups of 8 channels: 88,791,336 parameters, 82.8 % top-1 on ImageNet. */
export function resnext101_32x8d(options: ResNetOptions = {}): ResNet {
  return resnet101({ groups: 32, widthPerGroup: 8, ...options })
}

/** ResNeXt-101 with 64 groups of 4 channels: 83,455,272 parameters, 83.2 % top-1 on ImageNet. */
export function resnext101_64x4d(options: ResNetOptions = {}): ResNet {
  return resnet101({ groups: 64, widthPerGroup: 4, ...options })
}

/**
 * Wide ResNet-50-2, whose 3×3 convolutions have twice the channels: 68,883,240 parameters, 81.6 % top-1 on
 * ImageNet.
 *
 * @see Zagoruyko & Komodakis 2016, arXiv:1605.07146
 */
export function wideResnet50_2(options: ResNetOptions = {}): ResNet {
  return resnet50({ widthPerGroup: 128, ...options })
}

/** Wide ResNet-101-2: 126,886,696 parameters, 82.5 % top-1 on ImageNet. */
export function wideResnet101_2(options: ResNetOptions = {}): ResNet {
  return resnet101({ widthPerGroup: 128, ...options })
}
