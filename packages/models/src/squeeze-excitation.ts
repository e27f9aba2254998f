import type { Tensor } from '@badak/tensor'
import { Conv2d, GlobalAvgPool2d } from '@badak/cnn'
import { type Layer, Module } from '@badak/layers'
import { fanOutNormal } from './initial-values.ts'

/**
 * Scales each channel by what a small network makes of the means of all channels.
 *
 * @see Hu et al. 2017, arXiv:1709.01507
 */
export class SqueezeExcitation extends Module {
  readonly avgpool: GlobalAvgPool2d
  readonly fc1: Conv2d
  readonly fc2: Conv2d
  readonly activation: Layer
  readonly scaleActivation: Layer

  /**
   * @param channels of the input
   * @param squeezed hidden units
   * @param activations after the hidden layer, and the one that makes scales
   */
  constructor(channels: number, squeezed: number, activations: { hidden: Layer; scale: Layer }) {
    super()
    this.avgpool = new GlobalAvgPool2d()
    this.fc1 = new Conv2d(channels, squeezed, 1, { init: fanOutNormal })
    this.fc2 = new Conv2d(squeezed, channels, 1, { init: fanOutNormal })
    this.activation = activations.hidden
    this.scaleActivation = activations.scale
  }

  /** @returns the shape of `x` */
  forward(x: Tensor): Tensor {
    const hidden = this.activation.forward(this.fc1.forward(this.avgpool.forward(x)))
    return x.mul(this.scaleActivation.forward(this.fc2.forward(hidden)))
  }

  override toString(): string {
    return 'SqueezeExcitation'
  }
}
