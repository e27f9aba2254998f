import { flatten, ValueError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Conv2d, GlobalAvgPool2d } from '@badak/cnn'
import { BatchNorm2d, Dropout, type Layer, Linear, Module, ReLU6, Sequential } from '@badak/layers'
import { convNormActivation, divisibleBy } from './conv-norm-activation.ts'
import { type ClassifierOptions, ImageClassifier } from './image-classifier.ts'
import { fanOutNormal, smallNormal } from './initial-values.ts'

/** Blocks in a row: table 2 of the paper, whose letters are t, c, n and s. */
export type InvertedResidualSetting = readonly [
  expansion: number,
  channels: number,
  count: number,
  stride: number,
]

/** Options of `MobileNetV2`. */
export interface MobileNetV2Options extends ClassifierOptions {
  /** Factor of all channels; default 1. */
  widthMult?: number
  /** The blocks; default those of the paper. */
  invertedResidualSetting?: readonly InvertedResidualSetting[]
  /** What numbers of channels are multiples of; default 8. */
  roundNearest?: number
  /** Share of the features that are dropped before the last layer in training; default 0.2. */
  dropout?: number
}

const table2: readonly InvertedResidualSetting[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
]

/** Wider inside than outside; a shortcut joins the narrow ends, which have no activation. */
class InvertedResidual extends Module {
  readonly conv: Sequential
  readonly #joined: boolean

  constructor(
    inChannels: number,
    channels: number,
    { stride, expansion }: { stride: number; expansion: number },
  ) {
    super()
    const hidden = Math.round(inChannels * expansion)
    const expand: Layer[] =
      expansion === 1 ? [] : [convNormActivation(inChannels, hidden, { kernel: 1, activation: new ReLU6() })]
    this.conv = new Sequential(
      ...expand,
      convNormActivation(hidden, hidden, { stride, groups: hidden, activation: new ReLU6() }),
      new Conv2d(hidden, channels, 1, { bias: false, init: fanOutNormal }),
      new BatchNorm2d(channels),
    )
    this.#joined = stride === 1 && inChannels === channels
  }

  forward(x: Tensor): Tensor {
    const y = this.conv.forward(x)
    return this.#joined ? x.add(y) : y
  }

  override toString(): string {
    return 'InvertedResidual'
  }
}

/**
 * MobileNetV2: depthwise convolutions in inverted residual blocks, for telephones.
 *
 * Images of 224×224, normalised by `imagenetNormalisation` for torchvision's weights: 3,504,872 parameters,
 * 72.2 % top-1, 90.8 % top-5 on ImageNet.
 *
 * @see Sandler et al. 2018, arXiv:1801.04381
 */
export class MobileNetV2 extends ImageClassifier {
  readonly features: Sequential
  readonly avgpool: GlobalAvgPool2d
  readonly classifier: Sequential

  /** @throws ValueError when an option is out of range */
  constructor(options: MobileNetV2Options = {}) {
    super('MobileNetV2', options)
    const { widthMult = 1, invertedResidualSetting = table2, roundNearest = 8, dropout = 0.2 } = options
    if (!(widthMult > 0)) throw new ValueError(`MobileNetV2: widthMult is not a number > 0: ${widthMult}`)
    const adjust = (channels: number): number => divisibleBy(roundNearest, channels)
    let channels = adjust(32 * widthMult)
    const parts: Layer[] = [
      convNormActivation(this.inChannels, channels, { stride: 2, activation: new ReLU6() }),
    ]
    for (const [expansion, width, count, stride] of invertedResidualSetting) {
      for (let k = 0; k < count; k++) {
        const outChannels = adjust(width * widthMult)
        parts.push(new InvertedResidual(channels, outChannels, { stride: k === 0 ? stride : 1, expansion }))
        channels = outChannels
      }
    }
    const lastChannels = adjust(1280 * Math.max(1, widthMult))
    parts.push(convNormActivation(channels, lastChannels, { kernel: 1, activation: new ReLU6() }))
    this.features = new Sequential(...parts)
    this.avgpool = new GlobalAvgPool2d()
    this.classifier = new Sequential(
      new Dropout(dropout),
      new Linear(lastChannels, this.numClasses, { init: smallNormal }),
    )
  }

  /** @returns `[N, 1280, ⌈H / 32⌉, ⌈W / 32⌉]` */
  forwardFeatures(x: Tensor): Tensor {
    this.check(x, 1)
    return this.features.forward(x)
  }

  /** @returns logits `[N, numClasses]` */
  forward(x: Tensor): Tensor {
    const features = this.avgpool.forward(this.forwardFeatures(x))
    return this.classifier.forward(flatten(features, { start: 1 }))
  }
}

/** MobileNetV2: 3,504,872 parameters, 72.2 % top-1 on ImageNet. */
export function mobilenetV2(options: MobileNetV2Options = {}): MobileNetV2 {
  return new MobileNetV2(options)
}
