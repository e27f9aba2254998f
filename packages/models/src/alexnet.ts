import { flatten } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { AdaptiveAvgPool2d, Conv2d, MaxPool2d } from '@badak/cnn'
import { Dropout, Linear, ReLU, Sequential } from '@badak/layers'
import { type ClassifierOptions, ImageClassifier } from './image-classifier.ts'
import { fanInUniform, withUniformBias } from './initial-values.ts'

/** Options of `AlexNet`. */
export interface AlexNetOptions extends ClassifierOptions {
  /** Share of the features that are dropped before each hidden linear layer in training; default 0.5. */
  dropout?: number
}

function convolution(
  inChannels: number,
  channels: number,
  kernel: number,
  { stride = 1, padding }: { stride?: number; padding: number },
): Conv2d {
  return withUniformBias(new Conv2d(inChannels, channels, kernel, { stride, padding, init: fanInUniform }))
}

function linear(inFeatures: number, outFeatures: number): Linear {
  return withUniformBias(new Linear(inFeatures, outFeatures, { init: fanInUniform }))
}

/**
 * AlexNet, in the form for one GPU: five convolutions, the first of 11×11, and three linear layers.
 *
 * Images of 224×224 (63×63 or more). 61,100,840 parameters. torchvision's weights: 56.5 % top-1, 79.1 % top-5 on
 * ImageNet, for images normalised by `imagenetNormalisation`.
 *
 * @see Krizhevsky et al. 2012; Krizhevsky 2014, arXiv:1404.5997
 */
export class AlexNet extends ImageClassifier {
  readonly features: Sequential
  readonly avgpool: AdaptiveAvgPool2d
  readonly classifier: Sequential

  /** @throws ValueError when an option is out of range */
  constructor(options: AlexNetOptions = {}) {
    super('AlexNet', options)
    const { dropout = 0.5 } = options
    const halve = (): MaxPool2d => new MaxPool2d(3, { stride: 2 })
    this.features = new Sequential(
      convolution(this.inChannels, 64, 11, { stride: 4, padding: 2 }),
      new ReLU(),
      halve(),
      convolution(64, 192, 5, { padding: 2 }),
      new ReLU(),
      halve(),
      convolution(192, 384, 3, { padding: 1 }),
      new ReLU(),
      convolution(384, 256, 3, { padding: 1 }),
      new ReLU(),
      convolution(256, 256, 3, { padding: 1 }),
      new ReLU(),
      halve(),
    )
    this.avgpool = new AdaptiveAvgPool2d(6)
    this.classifier = new Sequential(
      new Dropout(dropout),
      linear(256 * 6 * 6, 4096),
      new ReLU(),
      new Dropout(dropout),
      linear(4096, 4096),
      new ReLU(),
      linear(4096, this.numClasses),
    )
  }

  /** @returns `[N, 256, h, w]` */
  forwardFeatures(x: Tensor): Tensor {
    this.check(x, 63)
    return this.features.forward(x)
  }

  /** @returns logits `[N, numClasses]` */
  forward(x: Tensor): Tensor {
    const features = this.avgpool.forward(this.forwardFeatures(x))
    return this.classifier.forward(flatten(features, { start: 1 }))
  }
}

/** AlexNet: 61,100,840 parameters, 56.5 % top-1 on ImageNet with torchvision's weights. */
export function alexnet(options: AlexNetOptions = {}): AlexNet {
  return new AlexNet(options)
}
