import { flatten, ValueError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { GlobalAvgPool2d } from '@badak/cnn'
import { Dropout, HardSigmoid, HardSwish, type Layer, Linear, Module, ReLU, Sequential } from '@badak/layers'
import { convNormActivation, divisibleBy } from './conv-norm-activation.ts'
import { type ClassifierOptions, ImageClassifier } from './image-classifier.ts'
import { smallNormal } from './initial-values.ts'
import { SqueezeExcitation } from './squeeze-excitation.ts'

/** Options of `mobilenetV3Large` and `mobilenetV3Small`. */
export interface MobileNetV3Options extends ClassifierOptions {
  /** Factor of all channels; default 1. */
  widthMult?: number
  /** Whether the last stage has half the channels, for segmentation and detection; default false. */
  reducedTail?: boolean
  /** Whether the last stage dilates its convolutions instead of halving the image; default false. */
  dilated?: boolean
  /** Share of the hidden units that are dropped before the last layer in training; default 0.2. */
  dropout?: number
}

/** A block: a row of tables 1 and 2 of the paper. */
export type MobileNetV3Block = readonly [
  /** Of the depthwise convolution. */
  kernel: number,
  /** Channels of the depthwise convolution. */
  expanded: number,
  channels: number,
  /** Whether the depthwise channels are scaled by a small network. */
  squeeze: boolean,
  activation: 'relu' | 'hardSwish',
  stride: number,
  /** Default 1; with more, there is no stride. */
  dilation?: number,
]

/** Of all normalisations. */
const norm = { eps: 1e-3, momentum: 0.01 }

const largeBlocks: readonly MobileNetV3Block[] = [
  [3, 16, 16, false, 'relu', 1],
  [3, 64, 24, false, 'relu', 2],
  [3, 72, 24, false, 'relu', 1],
  [5, 72, 40, true, 'relu', 2],
  [5, 120, 40, true, 'relu', 1],
  [5, 120, 40, true, 'relu', 1],
  [3, 240, 80, false, 'hardSwish', 2],
  [3, 200, 80, false, 'hardSwish', 1],
  [3, 184, 80, false, 'hardSwish', 1],
  [3, 184, 80, false, 'hardSwish', 1],
  [3, 480, 112, true, 'hardSwish', 1],
  [3, 672, 112, true, 'hardSwish', 1],
  [5, 672, 160, true, 'hardSwish', 2],
  [5, 960, 160, true, 'hardSwish', 1],
  [5, 960, 160, true, 'hardSwish', 1],
]

const smallBlocks: readonly MobileNetV3Block[] = [
  [3, 16, 16, true, 'relu', 2],
  [3, 72, 24, false, 'relu', 2],
  [3, 88, 24, false, 'relu', 1],
  [5, 96, 40, true, 'hardSwish', 2],
  [5, 240, 40, true, 'hardSwish', 1],
  [5, 240, 40, true, 'hardSwish', 1],
  [5, 120, 48, true, 'hardSwish', 1],
  [5, 144, 48, true, 'hardSwish', 1],
  [5, 288, 96, true, 'hardSwish', 2],
  [5, 576, 96, true, 'hardSwish', 1],
  [5, 576, 96, true, 'hardSwish', 1],
]

/** Wider inside than outside, with channels that are scaled by what a small network sees in all of them. */
class InvertedResidual extends Module {
  readonly block: Sequential
  readonly #joined: boolean

  constructor(inChannels: number, block: MobileNetV3Block) {
    super()
    const [kernel, expanded, channels, squeeze, activation, stride, dilation = 1] = block
    const activate = (): Layer => (activation === 'relu' ? new ReLU() : new HardSwish())
    const parts: Layer[] = []
    if (expanded !== inChannels)
      parts.push(convNormActivation(inChannels, expanded, { kernel: 1, norm, activation: activate() }))
    const depthwise = { kernel, stride: dilation > 1 ? 1 : stride, dilation, groups: expanded, norm }
    parts.push(convNormActivation(expanded, expanded, { ...depthwise, activation: activate() }))
    if (squeeze) {
      const activations = { hidden: new ReLU(), scale: new HardSigmoid() }
      parts.push(new SqueezeExcitation(expanded, divisibleBy(8, Math.floor(expanded / 4)), activations))
    }
    parts.push(convNormActivation(expanded, channels, { kernel: 1, norm }))
    this.block = new Sequential(...parts)
    this.#joined = stride === 1 && inChannels === channels
  }

  forward(x: Tensor): Tensor {
    const y = this.block.forward(x)
    return this.#joined ? y.add(x) : y
  }

  override toString(): string {
    return 'InvertedResidual'
  }
}

/**
 * MobileNetV3: the blocks of MobileNetV2 with squeeze-and-excitation and hard swish, found by search.
 *
 * Images of 224×224, normalised by `imagenetNormalisation` for torchvision's weights.
 *
 * @see Howard et al. 2019, arXiv:1905.02244
 */
export class MobileNetV3 extends ImageClassifier {
  readonly features: Sequential
  readonly avgpool: GlobalAvgPool2d
  readonly classifier: Sequential

  /**
   * @param blocks from the image on, before `widthMult`
   * @param hidden units before the last layer
   * @throws ValueError when an option is out of range
   */
  constructor(blocks: readonly MobileNetV3Block[], hidden: number, options: MobileNetV3Options = {}) {
    super('MobileNetV3', options)
    const { widthMult = 1, dropout = 0.2 } = options
    if (!(widthMult > 0)) throw new ValueError(`MobileNetV3: widthMult is not a number > 0: ${widthMult}`)
    const adjust = (channels: number): number => divisibleBy(8, channels * widthMult)
    let channels = adjust(16)
    const parts: Layer[] = [
      convNormActivation(this.inChannels, channels, { stride: 2, norm, activation: new HardSwish() }),
    ]
    for (const [kernel, expanded, outChannels, ...rest] of blocks) {
      const block = [kernel, adjust(expanded), adjust(outChannels), ...rest] as const
      parts.push(new InvertedResidual(channels, block))
      channels = adjust(outChannels)
    }
    parts.push(convNormActivation(channels, 6 * channels, { kernel: 1, norm, activation: new HardSwish() }))
    this.features = new Sequential(...parts)
    this.avgpool = new GlobalAvgPool2d()
    this.classifier = new Sequential(
      new Linear(6 * channels, adjust(hidden), { init: smallNormal }),
      new HardSwish(),
      new Dropout(dropout),
      new Linear(adjust(hidden), this.numClasses, { init: smallNormal }),
    )
  }

  /** @returns `[N, C, ⌈H / 32⌉, ⌈W / 32⌉]`, C = 960 of `mobilenetV3Large` and 576 of `mobilenetV3Small` */
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

/** The last three blocks, as the options want them. */
function withTail(
  blocks: readonly MobileNetV3Block[],
  { reducedTail = false, dilated = false }: MobileNetV3Options,
): MobileNetV3Block[] {
  const part = reducedTail ? 2 : 1
  return blocks.map(([kernel, expanded, channels, squeeze, activation, stride], k) => {
    const fromEnd = blocks.length - k
    return [
      kernel,
      fromEnd < 3 ? expanded / part : expanded,
      fromEnd <= 3 ? channels / part : channels,
      squeeze,
      activation,
      stride,
      dilated && fromEnd <= 3 ? 2 : 1,
    ]
  })
}

/** The large one: 5,483,032 parameters, 75.3 % top-1, 92.6 % top-5 on ImageNet. */
export function mobilenetV3Large(options: MobileNetV3Options = {}): MobileNetV3 {
  return new MobileNetV3(withTail(largeBlocks, options), options.reducedTail ? 640 : 1280, options)
}

/** The small one: 2,542,856 parameters, 67.7 % top-1, 87.4 % top-5 on ImageNet. */
export function mobilenetV3Small(options: MobileNetV3Options = {}): MobileNetV3 {
  return new MobileNetV3(withTail(smallBlocks, options), options.reducedTail ? 512 : 1024, options)
}
