import { concat, flatten } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Conv2d, GlobalAvgPool2d, MaxPool2d } from '@badak/cnn'
import { Dropout, type Layer, Module, ReLU, Sequential } from '@badak/layers'
import { type ClassifierOptions, ImageClassifier } from './image-classifier.ts'
import { smallNormal } from './initial-values.ts'

/** Options of `SqueezeNet`. */
export interface SqueezeNetOptions extends ClassifierOptions {
  /** Share of the features that are dropped before the last convolution in training; default 0.5. */
  dropout?: number
}

/** Squeezes the channels by a 1×1, then expands them by a 1×1 and a 3×3 side by side. */
class Fire extends Module {
  readonly squeeze: Conv2d
  readonly squeezeActivation: ReLU
  readonly expand1x1: Conv2d
  readonly expand1x1Activation: ReLU
  readonly expand3x3: Conv2d
  readonly expand3x3Activation: ReLU

  constructor(inChannels: number, squeezed: number, expanded: number) {
    super()
    this.squeeze = new Conv2d(inChannels, squeezed, 1)
    this.squeezeActivation = new ReLU()
    this.expand1x1 = new Conv2d(squeezed, expanded, 1)
    this.expand1x1Activation = new ReLU()
    this.expand3x3 = new Conv2d(squeezed, expanded, 3, { padding: 1 })
    this.expand3x3Activation = new ReLU()
  }

  /** @returns `[N, 2 · expanded, H, W]` */
  forward(x: Tensor): Tensor {
    const squeezed = this.squeezeActivation.forward(this.squeeze.forward(x))
    const ones = this.expand1x1Activation.forward(this.expand1x1.forward(squeezed))
    const threes = this.expand3x3Activation.forward(this.expand3x3.forward(squeezed))
    return concat([ones, threes], { axis: 1 })
  }

  override toString(): string {
    return 'Fire'
  }
}

/** The least image, in pixels, and the layers of each version. */
const versions: Record<'1_0' | '1_1', { least: number; trunk: (inChannels: number) => Layer[] }> = {
  '1_0': {
    least: 21,
    trunk: (inChannels) => [
      new Conv2d(inChannels, 96, 7, { stride: 2 }),
      new ReLU(),
      halve(),
      new Fire(96, 16, 64),
      new Fire(128, 16, 64),
      new Fire(128, 32, 128),
      halve(),
      new Fire(256, 32, 128),
      new Fire(256, 48, 192),
      new Fire(384, 48, 192),
      new Fire(384, 64, 256),
      halve(),
      new Fire(512, 64, 256),
    ],
  },
  '1_1': {
    least: 17,
    trunk: (inChannels) => [
      new Conv2d(inChannels, 64, 3, { stride: 2 }),
      new ReLU(),
      halve(),
      new Fire(64, 16, 64),
      new Fire(128, 16, 64),
      halve(),
      new Fire(128, 32, 128),
      new Fire(256, 32, 128),
      halve(),
      new Fire(256, 48, 192),
      new Fire(384, 48, 192),
      new Fire(384, 64, 256),
      new Fire(512, 64, 256),
    ],
  },
}

function halve(): MaxPool2d {
  return new MaxPool2d(3, { stride: 2, ceilMode: true })
}

/**
 * SqueezeNet: as accurate as AlexNet, with a fiftieth of its parameters. The last layer is a convolution, whose
 * map is averaged.
 *
 * Images of 224×224, normalised by `imagenetNormalisation` for torchvision's weights.
 *
 * @see Iandola et al. 2016, arXiv:1602.07360
 */
export class SqueezeNet extends ImageClassifier {
  readonly features: Sequential
  readonly classifier: Sequential
  readonly #least: number

  /**
   * @param version `1_0` as in the paper; `1_1` with 2.4 times less work
   * @throws ValueError when an option is out of range
   */
  constructor(version: '1_0' | '1_1', options: SqueezeNetOptions = {}) {
    super('SqueezeNet', options)
    const { dropout = 0.5 } = options
    const { least, trunk } = versions[version]
    this.features = new Sequential(...trunk(this.inChannels))
    this.classifier = new Sequential(
      new Dropout(dropout),
      new Conv2d(512, this.numClasses, 1, { init: smallNormal }),
      new ReLU(),
      new GlobalAvgPool2d(),
    )
    this.#least = least
  }

  /** @returns `[N, 512, ~H / 16, ~W / 16]` */
  forwardFeatures(x: Tensor): Tensor {
    this.check(x, this.#least)
    return this.features.forward(x)
  }

  /** @returns scores `[N, numClasses]`, none of them below 0: the last convolution has a ReLU */
  forward(x: Tensor): Tensor {
    return flatten(this.classifier.forward(this.forwardFeatures(x)), { start: 1 })
  }
}

/** Version 1.0: 1,248,424 parameters, 58.1 % top-1, 80.4 % top-5 on ImageNet; images of 21×21 or more. */
export function squeezenet1_0(options: SqueezeNetOptions = {}): SqueezeNet {
  return new SqueezeNet('1_0', options)
}

/** Version 1.1: 1,235,496 parameters, 58.2 % top-1, 80.6 % top-5 on ImageNet; images of 17×17 or more. */
export function squeezenet1_1(options: SqueezeNetOptions = {}): SqueezeNet {
  return new SqueezeNet('1_1', options)
}
