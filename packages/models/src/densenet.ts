import { concat, flatten } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { AvgPool2d, Conv2d, GlobalAvgPool2d, MaxPool2d } from '@badak/cnn'
import { heNormal } from '@badak/initializers'
import {
  BatchNorm2d,
  Dropout,
  type Layer,
  Linear,
  type LoadOptions,
  Module,
  ReLU,
  Sequential,
  type StateDict,
} from '@badak/layers'
import { checkCount, type ClassifierOptions, ImageClassifier } from './image-classifier.ts'
import { fanInUniform } from './initial-values.ts'

/** Options of `DenseNet`. */
export interface DenseNetOptions extends ClassifierOptions {
  /** Channels that each layer adds; default 32. */
  growthRate?: number
  /** Layers of each block; default those of DenseNet-121. */
  blockConfig?: readonly number[]
  /** Channels of the first convolution; default 64. */
  numInitFeatures?: number
  /** How many times the growth rate a layer's first convolution has channels; default 4. */
  bnSize?: number
  /** Share of what a layer adds that is dropped in training; default 0. */
  dropRate?: number
}

/** Adds `growthRate` channels to those it is given. */
class DenseLayer extends Module {
  readonly norm1: BatchNorm2d
  readonly relu1: ReLU
  readonly conv1: Conv2d
  readonly norm2: BatchNorm2d
  readonly relu2: ReLU
  readonly conv2: Conv2d
  readonly dropout: Dropout

  constructor(inChannels: number, growthRate: number, { bnSize = 4, dropRate = 0 }: DenseNetOptions) {
    super()
    const hidden = bnSize * growthRate
    this.norm1 = new BatchNorm2d(inChannels)
    this.relu1 = new ReLU()
    this.conv1 = new Conv2d(inChannels, hidden, 1, { bias: false, init: heNormal })
    this.norm2 = new BatchNorm2d(hidden)
    this.relu2 = new ReLU()
    this.conv2 = new Conv2d(hidden, growthRate, 3, { padding: 1, bias: false, init: heNormal })
    this.dropout = new Dropout(dropRate)
  }

  /** @returns `[N, C + growthRate, H, W]`, `x` first */
  forward(x: Tensor): Tensor {
    const hidden = this.conv1.forward(this.relu1.forward(this.norm1.forward(x)))
    const added = this.conv2.forward(this.relu2.forward(this.norm2.forward(hidden)))
    return concat([x, this.dropout.forward(added)], { axis: 1 })
  }

  override toString(): string {
    return 'DenseLayer'
  }
}

/**
 * DenseNet-BC: each layer of a block sees what all layers before it have added.
 *
 * Images of 224×224 (29×29 or more), normalised by `imagenetNormalisation` for torchvision's weights.
 *
 * @see Huang et al. 2016, arXiv:1608.06993
 */
export class DenseNet extends ImageClassifier {
  readonly features: Sequential
  readonly relu: ReLU
  readonly avgpool: GlobalAvgPool2d
  readonly classifier: Linear

  /** @throws ValueError when an option is out of range */
  constructor(options: DenseNetOptions = {}) {
    super('DenseNet', options)
    const { growthRate = 32, blockConfig = [6, 12, 24, 16], numInitFeatures = 64, bnSize = 4 } = options
    for (const [what, count] of Object.entries({ growthRate, numInitFeatures, bnSize }))
      checkCount('DenseNet', what, count)
    for (const count of blockConfig) checkCount('DenseNet', 'layers of a block', count)
    const { parts, channels } = trunk(this.inChannels, {
      ...options,
      growthRate,
      blockConfig,
      numInitFeatures,
    })
    this.features = new Sequential(parts)
    this.relu = new ReLU()
    this.avgpool = new GlobalAvgPool2d()
    this.classifier = new Linear(channels, this.numClasses, { init: fanInUniform })
  }

  /** @returns `[N, C, ⌊H / 32⌋, ⌊W / 32⌋]`, C = 1024 of DenseNet-121 */
  forwardFeatures(x: Tensor): Tensor {
    this.check(x, 29)
    return this.relu.forward(this.features.forward(x))
  }

  /** @returns logits `[N, numClasses]` */
  forward(x: Tensor): Tensor {
    return this.classifier.forward(flatten(this.avgpool.forward(this.forwardFeatures(x)), { start: 1 }))
  }

  /**
   * As `Module.loadStateDict`; takes the names in torchvision's files, too, which were written when a name could
   * have a dot: `denselayer1.norm.1.weight`.
   */
  override loadStateDict(
    values: StateDict,
    options?: LoadOptions,
  ): { missing: string[]; unexpected: string[] } {
    const renamed = Object.entries(values).map(([name, value]) => [
      name.replace(/(\.denselayer\d+\.(?:norm|conv))\.([12]\.)/, '$1$2'),
      value,
    ])
    return super.loadStateDict(Object.fromEntries(renamed) as StateDict, options)
  }
}

type Config = DenseNetOptions &
  Required<Pick<DenseNetOptions, 'growthRate' | 'blockConfig' | 'numInitFeatures'>>

function trunk(inChannels: number, options: Config): { parts: Record<string, Layer>; channels: number } {
  const { growthRate, blockConfig, numInitFeatures } = options
  const stem = { stride: 2, padding: 3, bias: false, init: heNormal }
  const parts: Record<string, Layer> = {
    conv0: new Conv2d(inChannels, numInitFeatures, 7, stem),
    norm0: new BatchNorm2d(numInitFeatures),
    relu0: new ReLU(),
    pool0: new MaxPool2d(3, { stride: 2, padding: 1 }),
  }
  let channels = numInitFeatures
  for (const [k, count] of blockConfig.entries()) {
    const layers: Record<string, Layer> = {}
    for (let layer = 1; layer <= count; layer++) {
      layers[`denselayer${layer}`] = new DenseLayer(channels, growthRate, options)
      channels += growthRate
    }
    parts[`denseblock${k + 1}`] = new Sequential(layers)
    if (k === blockConfig.length - 1) break
    const halved = Math.floor(channels / 2)
    parts[`transition${k + 1}`] = new Sequential({
      norm: new BatchNorm2d(channels),
      relu: new ReLU(),
      conv: new Conv2d(channels, halved, 1, { bias: false, init: heNormal }),
      pool: new AvgPool2d(2),
    })
    channels = halved
  }
  parts['norm5'] = new BatchNorm2d(channels)
  return { parts, channels }
}

/** 121 layers: 7,978,856 parameters, 74.4 % top-1, 92.0 % top-5 on ImageNet. */
export function densenet121(options: DenseNetOptions = {}): DenseNet {
  return new DenseNet(options)
}

/** 161 layers that add 48 channels each: 28,681,000 parameters, 77.1 % top-1, 93.6 % top-5 on ImageNet. */
export function densenet161(options: DenseNetOptions = {}): DenseNet {
  return new DenseNet({ growthRate: 48, blockConfig: [6, 12, 36, 24], numInitFeatures: 96, ...options })
}

/** 169 layers: 14,149,480 parameters, 75.6 % top-1, 92.8 % top-5 on ImageNet. */
export function densenet169(options: DenseNetOptions = {}): DenseNet {
  return new DenseNet({ blockConfig: [6, 12, 32, 32], ...options })
}

/** 201 layers: 20,013,928 parameters, 76.9 % top-1, 93.4 % top-5 on ImageNet. */
export function densenet201(options: DenseNetOptions = {}): DenseNet {
  return new DenseNet({ blockConfig: [6, 12, 48, 32], ...options })
}
