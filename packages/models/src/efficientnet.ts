import { flatten, ValueError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { GlobalAvgPool2d } from '@badak/cnn'
import { uniform, type Initializer } from '@badak/initializers'
import {
  type BatchNormOptions,
  Dropout,
  type Layer,
  Linear,
  Module,
  Sigmoid,
  SiLU,
  Sequential,
  StochasticDepth,
} from '@badak/layers'
import { convNormActivation, divisibleBy } from './conv-norm-activation.ts'
import { type ClassifierOptions, ImageClassifier } from './image-classifier.ts'
import { SqueezeExcitation } from './squeeze-excitation.ts'

/** Options of `EfficientNet`. */
export interface EfficientNetOptions extends ClassifierOptions {
  /** Factor of all channels; default 1. */
  widthMult?: number
  /** Factor of the layers of each stage; default 1. */
  depthMult?: number
  /** Share of the features that are dropped before the last layer in training; default 0.2. */
  dropout?: number
  /**
   * Probability that the last block's branch is left out for a sample in training; it rises from 0 at the first
   * block. Default 0.2.
   */
  stochasticDepthProb?: number
}

/** A stage of blocks: a row of table 1 of the paper. */
type Stage = readonly [expansion: number, kernel: number, stride: number, channels: number, count: number]

const table1: readonly Stage[] = [
  [1, 3, 1, 16, 1],
  [6, 3, 2, 24, 2],
  [6, 5, 2, 40, 2],
  [6, 3, 2, 80, 3],
  [6, 5, 1, 112, 3],
  [6, 5, 2, 192, 4],
  [6, 3, 1, 320, 1],
]

interface MBConvOptions {
  readonly expansion: number
  readonly kernel: number
  readonly stride: number
  readonly depthProb: number
  readonly norm: BatchNormOptions
}

/** MobileNetV2's block with squeeze-and-excitation. */
class MBConv extends Module {
  readonly block: Sequential
  readonly stochasticDepth: StochasticDepth
  readonly #joined: boolean

  constructor(inChannels: number, channels: number, options: MBConvOptions) {
    super()
    const { expansion, kernel, stride, depthProb, norm } = options
    const expanded = divisibleBy(8, inChannels * expansion)
    const parts: Layer[] = []
    if (expanded !== inChannels)
      parts.push(convNormActivation(inChannels, expanded, { kernel: 1, norm, activation: new SiLU() }))
    const depthwise = { kernel, stride, groups: expanded, norm, activation: new SiLU() }
    const squeezed = Math.max(1, Math.floor(inChannels / 4))
    parts.push(
      convNormActivation(expanded, expanded, depthwise),
      new SqueezeExcitation(expanded, squeezed, { hidden: new SiLU(), scale: new Sigmoid() }),
      convNormActivation(expanded, channels, { kernel: 1, norm }),
    )
    this.block = new Sequential(...parts)
    this.stochasticDepth = new StochasticDepth(depthProb)
    this.#joined = stride === 1 && inChannels === channels
  }

  forward(x: Tensor): Tensor {
    const y = this.block.forward(x)
    return this.#joined ? this.stochasticDepth.forward(y).add(x) : y
  }

  override toString(): string {
    return 'MBConv'
  }
}

/** U(±1/√outFeatures). */
const fanOutUniform: Initializer = (shape, options) => {
  const bound = 1 / Math.sqrt(shape[0]!)
  return uniform(shape, { ...options, low: -bound, high: bound })
}

/**
 * EfficientNet: depth, width and the size of images grow together, from a small net found by search.
 *
 * Normalised by `imagenetNormalisation` for torchvision's weights.
 *
 * @see Tan & Le 2019, arXiv:1905.11946
 */
export class EfficientNet extends ImageClassifier {
  readonly features: Sequential
  readonly avgpool: GlobalAvgPool2d
  readonly classifier: Sequential

  /**
   * @param norm of the batch normalisations; default that of `BatchNorm2d`
   * @throws ValueError when an option is out of range
   */
  constructor(options: EfficientNetOptions = {}, norm: BatchNormOptions = {}) {
    super('EfficientNet', options)
    const { widthMult = 1, depthMult = 1, dropout = 0.2, stochasticDepthProb = 0.2 } = options
    for (const [what, factor] of Object.entries({ widthMult, depthMult }))
      if (!(factor > 0)) throw new ValueError(`EfficientNet: ${what} is not a number > 0: ${factor}`)
    if (!(stochasticDepthProb >= 0 && stochasticDepthProb <= 1))
      throw new ValueError(`EfficientNet: stochasticDepthProb is not in [0, 1]: ${stochasticDepthProb}`)
    const adjust = (channels: number): number => divisibleBy(8, channels * widthMult)
    const counts = table1.map(([, , , , count]) => Math.ceil(count * depthMult))
    const blocks = counts.reduce((a, b) => a + b, 0)
    let [channels, block] = [adjust(32), 0]
    const parts: Layer[] = [
      convNormActivation(this.inChannels, channels, { stride: 2, norm, activation: new SiLU() }),
    ]
    for (const [k, [expansion, kernel, stride, width]] of table1.entries()) {
      const stage: Layer[] = []
      for (let i = 0; i < counts[k]!; i++) {
        const depthProb = (stochasticDepthProb * block++) / blocks
        const own = { expansion, kernel, stride: i === 0 ? stride : 1, depthProb, norm }
        stage.push(new MBConv(channels, adjust(width), own))
        channels = adjust(width)
      }
      parts.push(new Sequential(...stage))
    }
    parts.push(convNormActivation(channels, 4 * channels, { kernel: 1, norm, activation: new SiLU() }))
    this.features = new Sequential(...parts)
    this.avgpool = new GlobalAvgPool2d()
    this.classifier = new Sequential(
      new Dropout(dropout),
      new Linear(4 * channels, this.numClasses, { init: fanOutUniform }),
    )
  }

  /** @returns `[N, C, ⌈H / 32⌉, ⌈W / 32⌉]`, C = 1280 of B0 */
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

/** Of the larger ones, B5 to B7, which began in TensorFlow. */
const largeNorm: BatchNormOptions = { eps: 1e-3, momentum: 0.01 }

/** Images of 224×224: 5,288,548 parameters, 77.7 % top-1, 93.5 % top-5 on ImageNet. */
export function efficientnetB0(options: EfficientNetOptions = {}): EfficientNet {
  return new EfficientNet(options)
}

/** Images of 240×240: 7,794,184 parameters, 79.8 % top-1, 94.9 % top-5 on ImageNet. */
export function efficientnetB1(options: EfficientNetOptions = {}): EfficientNet {
  return new EfficientNet({ depthMult: 1.1, ...options })
}

/** Images of 288×288: 9,109,994 parameters, 80.6 % top-1, 95.3 % top-5 on ImageNet. */
export function efficientnetB2(options: EfficientNetOptions = {}): EfficientNet {
  return new EfficientNet({ widthMult: 1.1, depthMult: 1.2, dropout: 0.3, ...options })
}

/** Images of 300×300: 12,233,232 parameters, 82.0 % top-1, 96.1 % top-5 on ImageNet. */
export function efficientnetB3(options: EfficientNetOptions = {}): EfficientNet {
  return new EfficientNet({ widthMult: 1.2, depthMult: 1.4, dropout: 0.3, ...options })
}

/** Images of 380×380: 19,341,616 parameters, 83.4 % top-1, 96.6 % top-5 on ImageNet. */
export function efficientnetB4(options: EfficientNetOptions = {}): EfficientNet {
  return new EfficientNet({ widthMult: 1.4, depthMult: 1.8, dropout: 0.4, ...options })
}

/** Images of 456×456: 30,389,784 parameters, 83.4 % top-1, 96.6 % top-5 on ImageNet. */
export function efficientnetB5(options: EfficientNetOptions = {}): EfficientNet {
  return new EfficientNet({ widthMult: 1.6, depthMult: 2.2, dropout: 0.4, ...options }, largeNorm)
}

/** Images of 528×528: 43,040,704 parameters, 84.0 % top-1, 96.9 % top-5 on ImageNet. */
export function efficientnetB6(options: EfficientNetOptions = {}): EfficientNet {
  return new EfficientNet({ widthMult: 1.8, depthMult: 2.6, dropout: 0.5, ...options }, largeNorm)
}

/** Images of 600×600: 66,347,960 parameters, 84.1 % top-1, 96.9 % top-5 on ImageNet. */
export function efficientnetB7(options: EfficientNetOptions = {}): EfficientNet {
  return new EfficientNet({ widthMult: 2, depthMult: 3.1, dropout: 0.5, ...options }, largeNorm)
}
