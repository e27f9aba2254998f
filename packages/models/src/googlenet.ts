import { concat, flatten, isTensor, tensor } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { AdaptiveAvgPool2d, Conv2d, GlobalAvgPool2d, MaxPool2d } from '@badak/cnn'
import { BatchNorm2d, Dropout, Linear, Module, ReLU, Sequential, softmaxCrossEntropy } from '@badak/layers'
import { type AuxiliaryOutputs, type ClassifierOptions, ImageClassifier } from './image-classifier.ts'
import { smallNormal, withUniformBias } from './initial-values.ts'
import { imagenetNormalisation } from './normalisation.ts'

/** Options of `GoogLeNet`. */
export interface GoogLeNetOptions extends ClassifierOptions {
  /** Whether there are two more heads, halfway, whose losses help in training; default true. */
  auxLogits?: boolean
  /**
   * Whether images that were normalised by `imagenetNormalisation` are brought to [−1, 1], for which torchvision's
   * weights were trained; default false.
   */
  transformInput?: boolean
  /** Share of the features that are dropped before the last layer in training; default 0.2. */
  dropout?: number
  /** Share of the hidden units that are dropped in the auxiliary heads; default 0.7. */
  dropoutAux?: number
}

/** Convolution without bias, normalisation, ReLU. */
class BasicConv2d extends Module {
  readonly conv: Conv2d
  readonly bn: BatchNorm2d
  readonly relu: ReLU

  constructor(
    inChannels: number,
    channels: number,
    kernel: number,
    options: { stride?: number; padding?: number } = {},
  ) {
    super()
    this.conv = new Conv2d(inChannels, channels, kernel, { ...options, bias: false, init: smallNormal })
    this.bn = new BatchNorm2d(channels, { eps: 1e-3 })
    this.relu = new ReLU()
  }

  forward(x: Tensor): Tensor {
    return this.relu.forward(this.bn.forward(this.conv.forward(x)))
  }

  override toString(): string {
    return 'BasicConv2d'
  }
}

/** Channels of an inception: as the columns of table 1 in the paper. */
type InceptionChannels = readonly [
  one: number,
  threeReduced: number,
  three: number,
  fiveReduced: number,
  five: number,
  pooled: number,
]

/** Four branches side by side; their channels are concatenated. */
class Inception extends Module {
  readonly branch1: BasicConv2d
  readonly branch2: Sequential
  readonly branch3: Sequential
  readonly branch4: Sequential

  constructor(inChannels: number, channels: InceptionChannels) {
    super()
    const [one, threeReduced, three, fiveReduced, five, pooled] = channels
    this.branch1 = new BasicConv2d(inChannels, one, 1)
    this.branch2 = new Sequential(
      new BasicConv2d(inChannels, threeReduced, 1),
      new BasicConv2d(threeReduced, three, 3, { padding: 1 }),
    )
    this.branch3 = new Sequential(
      new BasicConv2d(inChannels, fiveReduced, 1),
      // 5×5 in the paper; torchvision's weights are of 3×3.
      new BasicConv2d(fiveReduced, five, 3, { padding: 1 }),
    )
    this.branch4 = new Sequential(
      new MaxPool2d(3, { stride: 1, padding: 1, ceilMode: true }),
      new BasicConv2d(inChannels, pooled, 1),
    )
  }

  forward(x: Tensor): Tensor {
    const branches = [this.branch1, this.branch2, this.branch3, this.branch4]
    return concat(
      branches.map((branch) => branch.forward(x)),
      { axis: 1 },
    )
  }

  override toString(): string {
    return 'Inception'
  }
}

/** A head halfway: it sees 4×4 means of the feature map. */
class InceptionAux extends Module {
  readonly avgpool: AdaptiveAvgPool2d
  readonly conv: BasicConv2d
  readonly fc1: Linear
  readonly relu: ReLU
  readonly dropout: Dropout
  readonly fc2: Linear

  constructor(inChannels: number, numClasses: number, dropout: number) {
    super()
    this.avgpool = new AdaptiveAvgPool2d(4)
    this.conv = new BasicConv2d(inChannels, 128, 1)
    this.fc1 = linear(128 * 4 * 4, 1024)
    this.relu = new ReLU()
    this.dropout = new Dropout(dropout)
    this.fc2 = linear(1024, numClasses)
  }

  forward(x: Tensor): Tensor {
    const features = flatten(this.conv.forward(this.avgpool.forward(x)), { start: 1 })
    return this.fc2.forward(this.dropout.forward(this.relu.forward(this.fc1.forward(features))))
  }

  override toString(): string {
    return 'InceptionAux'
  }
}

// torchvision cuts its normal distribution at 200 deviations, which is not at all.
function linear(inFeatures: number, outFeatures: number): Linear {
  return withUniformBias(new Linear(inFeatures, outFeatures, { init: smallNormal }))
}

/**
 * GoogLeNet (Inception v1) with batch normalisation: nine inceptions, each of four branches.
 *
 * Images of 224×224 (15×15 or more). 6,624,904 parameters, and 6,379,984 in the auxiliary heads. torchvision's
 * weights: 69.8 % top-1, 89.5 % top-5 on ImageNet, with `transformInput: true` for images normalised by
 * `imagenetNormalisation`.
 *
 * @see Szegedy et al. 2014, arXiv:1409.4842
 */
export class GoogLeNet extends ImageClassifier {
  readonly conv1: BasicConv2d
  readonly maxpool1: MaxPool2d
  readonly conv2: BasicConv2d
  readonly conv3: BasicConv2d
  readonly maxpool2: MaxPool2d
  readonly inception3a: Inception
  readonly inception3b: Inception
  readonly maxpool3: MaxPool2d
  readonly inception4a: Inception
  readonly inception4b: Inception
  readonly inception4c: Inception
  readonly inception4d: Inception
  readonly inception4e: Inception
  readonly maxpool4: MaxPool2d
  readonly inception5a: Inception
  readonly inception5b: Inception
  readonly aux1?: InceptionAux
  readonly aux2?: InceptionAux
  readonly avgpool: GlobalAvgPool2d
  readonly dropout: Dropout
  readonly fc: Linear
  readonly transformInput: boolean

  /** @throws ValueError when an option is out of range */
  constructor(options: GoogLeNetOptions = {}) {
    super('GoogLeNet', options)
    const { auxLogits = true, transformInput = false, dropout = 0.2, dropoutAux = 0.7 } = options
    const halve = (kernel: number): MaxPool2d => new MaxPool2d(kernel, { stride: 2, ceilMode: true })
    this.conv1 = new BasicConv2d(this.inChannels, 64, 7, { stride: 2, padding: 3 })
    this.maxpool1 = halve(3)
    this.conv2 = new BasicConv2d(64, 64, 1)
    this.conv3 = new BasicConv2d(64, 192, 3, { padding: 1 })
    this.maxpool2 = halve(3)
    this.inception3a = new Inception(192, [64, 96, 128, 16, 32, 32])
    this.inception3b = new Inception(256, [128, 128, 192, 32, 96, 64])
    this.maxpool3 = halve(3)
    this.inception4a = new Inception(480, [192, 96, 208, 16, 48, 64])
    this.inception4b = new Inception(512, [160, 112, 224, 24, 64, 64])
    this.inception4c = new Inception(512, [128, 128, 256, 24, 64, 64])
    this.inception4d = new Inception(512, [112, 144, 288, 32, 64, 64])
    this.inception4e = new Inception(528, [256, 160, 320, 32, 128, 128])
    this.maxpool4 = halve(2)
    this.inception5a = new Inception(832, [256, 160, 320, 32, 128, 128])
    this.inception5b = new Inception(832, [384, 192, 384, 48, 128, 128])
    if (auxLogits) {
      this.aux1 = new InceptionAux(512, this.numClasses, dropoutAux)
      this.aux2 = new InceptionAux(528, this.numClasses, dropoutAux)
    }
    this.avgpool = new GlobalAvgPool2d()
    this.dropout = new Dropout(dropout)
    this.fc = linear(1024, this.numClasses)
    this.transformInput = transformInput
  }

  /** @returns `[N, 1024, ⌈H / 32⌉, ⌈W / 32⌉]` */
  forwardFeatures(x: Tensor): Tensor {
    return this.#lastFeatures(this.#secondFeatures(this.#firstFeatures(x)))
  }

  /**
   * @returns logits `[N, numClasses]`; in training, unless `auxLogits` is false, they and those of the auxiliary
   *   heads, for `googLeNetLoss`
   */
  forward(x: Tensor): Tensor | AuxiliaryOutputs {
    const first = this.#firstFeatures(x)
    const second = this.#secondFeatures(first)
    const features = flatten(this.avgpool.forward(this.#lastFeatures(second)), { start: 1 })
    const logits = this.fc.forward(this.dropout.forward(features))
    const { aux1, aux2 } = this
    if (!this.training || !aux1 || !aux2) return logits
    return { logits, auxiliary: [aux1.forward(first), aux2.forward(second)] }
  }

  /** What the first auxiliary head sees, `[N, 512, h, w]`. */
  #firstFeatures(x: Tensor): Tensor {
    this.check(x, 15)
    const stem = [this.conv1, this.maxpool1, this.conv2, this.conv3, this.maxpool2]
    const parts = [...stem, this.inception3a, this.inception3b, this.maxpool3, this.inception4a]
    return parts.reduce((y, part) => part.forward(y), this.transformInput ? toSymmetric(x) : x)
  }

  /** What the second auxiliary head sees, `[N, 528, h, w]`. */
  #secondFeatures(x: Tensor): Tensor {
    return [this.inception4b, this.inception4c, this.inception4d].reduce((y, part) => part.forward(y), x)
  }

  #lastFeatures(x: Tensor): Tensor {
    const parts = [this.inception4e, this.maxpool4, this.inception5a, this.inception5b]
    return parts.reduce((y, part) => part.forward(y), x)
  }
}

/** From ImageNet's mean and deviation to those of [−1, 1], 0.5 and 0.5. */
function toSymmetric(x: Tensor): Tensor {
  const perChannel = (values: readonly number[]): Tensor => tensor([...values]).reshape([1, 3, 1, 1])
  const { mean, std } = imagenetNormalisation
  const scale = perChannel(std.map((deviation) => deviation / 0.5))
  const shift = perChannel(mean.map((value) => (value - 0.5) / 0.5))
  return x.mul(scale).add(shift)
}

/**
 * Cross entropy of what a model with auxiliary heads gives in training: theirs count 0.3, as in the paper.
 *
 * @param outputs of `GoogLeNet.forward`; logits alone have their own loss
 * @param labels `[N]`, int32
 * @returns a scalar
 */
export function googLeNetLoss(outputs: Tensor | AuxiliaryOutputs, labels: Tensor): Tensor {
  if (isTensor(outputs)) return softmaxCrossEntropy(outputs, labels)
  return outputs.auxiliary.reduce(
    (loss, logits) => loss.add(softmaxCrossEntropy(logits, labels).mul(0.3)),
    softmaxCrossEntropy(outputs.logits, labels),
  )
}

/** GoogLeNet: 6,624,904 parameters without the auxiliary heads, 69.8 % top-1 on ImageNet. */
export function googlenet(options: GoogLeNetOptions = {}): GoogLeNet {
  return new GoogLeNet(options)
}
