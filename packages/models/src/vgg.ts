import { flatten } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { AdaptiveAvgPool2d, Conv2d, MaxPool2d } from '@badak/cnn'
import { BatchNorm2d, Dropout, type Layer, Linear, ReLU, Sequential } from '@badak/layers'
import { type ClassifierOptions, ImageClassifier } from './image-classifier.ts'
import { fanOutNormal, smallNormal } from './initial-values.ts'

/** Options of `VGG`. */
export interface VGGOptions extends ClassifierOptions {
  /** Whether a batch normalisation follows each convolution; default false. */
  batchNorm?: boolean
  /** Share of the hidden units that are dropped in training; default 0.5. */
  dropout?: number
}

/** Layers of a VGG: the channels of a convolution, or `pool`. */
export type VGGLayers = readonly (number | 'pool')[]

/**
 * VGG: convolutions of 3×3 and poolings of 2×2, then three linear layers, which have most of the parameters.
 *
 * Images of 224×224 (32×32 or more), normalised by `imagenetNormalisation` for torchvision's weights.
 *
 * @see Simonyan & Zisserman 2014, arXiv:1409.1556
 */
export class VGG extends ImageClassifier {
  readonly features: Sequential
  readonly avgpool: AdaptiveAvgPool2d
  readonly classifier: Sequential

  /**
   * @param layers from the image on; the last convolution has 512 channels in all that have a name
   * @throws ValueError when an option is out of range
   */
  constructor(layers: VGGLayers, options: VGGOptions = {}) {
    super('VGG', options)
    const { batchNorm = false, dropout = 0.5 } = options
    const widths = [this.inChannels, ...layers.filter((layer) => layer !== 'pool')]
    this.features = trunk(layers, this.inChannels, batchNorm)
    this.avgpool = new AdaptiveAvgPool2d(7)
    const linear = (from: number, to: number): Linear => new Linear(from, to, { init: smallNormal })
    this.classifier = new Sequential(
      linear(widths.at(-1)! * 7 * 7, 4096),
      new ReLU(),
      new Dropout(dropout),
      linear(4096, 4096),
      new ReLU(),
      new Dropout(dropout),
      linear(4096, this.numClasses),
    )
  }

  /** @returns `[N, 512, ⌊H / 32⌋, ⌊W / 32⌋]` */
  forwardFeatures(x: Tensor): Tensor {
    this.check(x, 32)
    return this.features.forward(x)
  }

  /** @returns logits `[N, numClasses]` */
  forward(x: Tensor): Tensor {
    const features = this.avgpool.forward(this.forwardFeatures(x))
    return this.classifier.forward(flatten(features, { start: 1 }))
  }
}

function trunk(layers: VGGLayers, inChannels: number, batchNorm: boolean): Sequential {
  const parts: Layer[] = []
  let channels = inChannels
  for (const layer of layers) {
    if (layer === 'pool') {
      parts.push(new MaxPool2d(2))
      continue
    }
    parts.push(new Conv2d(channels, layer, 3, { padding: 1, init: fanOutNormal }))
    if (batchNorm) parts.push(new BatchNorm2d(layer))
    parts.push(new ReLU())
    channels = layer
  }
  return new Sequential(...parts)
}

/** Five stages of `counts` convolutions, each with a pooling after it. */
function stages(...counts: readonly number[]): VGGLayers {
  const widths = [64, 128, 256, 512, 512]
  return counts.flatMap((count, i) => [...Array.from({ length: count }, () => widths[i]!), 'pool' as const])
}

/** Configuration A of the paper: 132,863,336 parameters, 69.0 % top-1 on ImageNet. */
export function vgg11(options: VGGOptions = {}): VGG {
  return new VGG(stages(1, 1, 2, 2, 2), options)
}

/** `vgg11` with batch normalisation: 132,868,840 parameters, 70.4 % top-1 on ImageNet. */
export function vgg11Bn(options: VGGOptions = {}): VGG {
  return vgg11({ ...options, batchNorm: true })
}

/** Configuration B of the paper: 133,047,848 parameters, 69.9 % top-1 on ImageNet. */
export function vgg13(options: VGGOptions = {}): VGG {
  return new VGG(stages(2, 2, 2, 2, 2), options)
}

/** `vgg13` with batch normalisation: 133,053,736 parameters, 71.6 % top-1 on ImageNet. */
export function vgg13Bn(options: VGGOptions = {}): VGG {
  return vgg13({ ...options, batchNorm: true })
}

/** Configuration D of the paper: 138,357,544 parameters, 71.6 % top-1 on ImageNet. */
export function vgg16(options: VGGOptions = {}): VGG {
  return new VGG(stages(2, 2, 3, 3, 3), options)
}

/** `vgg16` with batch normalisation: 138,365,992 parameters, 73.4 % top-1 on ImageNet. */
export function vgg16Bn(options: VGGOptions = {}): VGG {
  return vgg16({ ...options, batchNorm: true })
}

/** Configuration E of the paper: 143,667,240 parameters, 72.4 % top-1 on ImageNet. */
export function vgg19(options: VGGOptions = {}): VGG {
  return new VGG(stages(2, 2, 4, 4, 4), options)
}

/** `vgg19` with batch normalisation: 143,678,248 parameters, 74.2 % top-1 on ImageNet. */
export function vgg19Bn(options: VGGOptions = {}): VGG {
  return vgg19({ ...options, batchNorm: true })
}
