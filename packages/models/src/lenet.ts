import { flatten, relu, ShapeError, tanh } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { AvgPool2d, Conv2d, MaxPool2d } from '@badak/cnn'
import { Linear } from '@badak/layers'
import { type ClassifierOptions, ImageClassifier } from './image-classifier.ts'
import { fanInUniform } from './initial-values.ts'

/** Options of `LeNet`; 10 classes and one channel by default. */
export interface LeNetOptions extends ClassifierOptions {
  /** What follows each layer: `tanh` (default), as in the paper, or `relu`. */
  activation?: 'tanh' | 'relu'
  /** How feature maps are halved: by `average` (default), as in the paper, or by `max`. */
  pooling?: 'average' | 'max'
  /** Zeros around the image: 2 (default) for images of 28×28, 0 for the paper's 32×32. */
  padding?: number
}

/**
 * LeNet-5: two convolutions and three linear layers, for digits of 28×28 (or 32×32 with `padding: 0`).
 *
 * 61,706 parameters. Where the paper scales its averages by a weight, connects some channels only and measures
 * distances at the end, this has plain averages, all connections and a linear layer, as is usual since.
 *
 * @see LeCun et al. 1998, "Gradient-based learning applied to document recognition"; 0.95 % error on MNIST
 */
export class LeNet extends ImageClassifier {
  readonly conv1: Conv2d
  readonly pool1: AvgPool2d | MaxPool2d
  readonly conv2: Conv2d
  readonly pool2: AvgPool2d | MaxPool2d
  readonly fc1: Linear
  readonly fc2: Linear
  readonly fc3: Linear
  readonly #activation: (x: Tensor) => Tensor
  readonly #size: number

  /** @throws ValueError when an option is out of range */
  constructor(options: LeNetOptions = {}) {
    const { activation = 'tanh', pooling = 'average', padding = 2 } = options
    super('LeNet', { numClasses: 10, inChannels: 1, ...options })
    const init = fanInUniform
    const Pool = pooling === 'max' ? MaxPool2d : AvgPool2d
    this.conv1 = new Conv2d(this.inChannels, 6, 5, { padding, init })
    this.pool1 = new Pool(2)
    this.conv2 = new Conv2d(6, 16, 5, { init })
    this.pool2 = new Pool(2)
    this.fc1 = new Linear(16 * 5 * 5, 120, { init })
    this.fc2 = new Linear(120, 84, { init })
    this.fc3 = new Linear(84, this.numClasses, { init })
    this.#activation = activation === 'relu' ? relu : tanh
    this.#size = 32 - 2 * padding
  }

  /** @returns `[N, 16, 5, 5]` */
  forwardFeatures(x: Tensor): Tensor {
    this.check(x, 1)
    const size = this.#size
    if (x.shape[2] !== size || x.shape[3] !== size)
      throw new ShapeError(`LeNet: images are not ${size}x${size}: [${x.shape.join(',')}]`)
    const halved = this.pool1.forward(this.#activation(this.conv1.forward(x)))
    return this.pool2.forward(this.#activation(this.conv2.forward(halved)))
  }

  /** @returns logits `[N, numClasses]` */
  forward(x: Tensor): Tensor {
    const hidden = this.#activation(this.fc1.forward(flatten(this.forwardFeatures(x), { start: 1 })))
    return this.fc3.forward(this.#activation(this.fc2.forward(hidden)))
  }
}

/** LeNet-5 for MNIST: `LeNet` says what it is. */
export function lenet(options: LeNetOptions = {}): LeNet {
  return new LeNet(options)
}
