import { Conv2d } from '@badak/cnn'
import { BatchNorm2d, type BatchNormOptions, type Layer, Sequential } from '@badak/layers'
import { fanOutNormal } from './initial-values.ts'

/** Beside the channels, what a `convNormActivation` is made of. */
export interface ConvNormActivationOptions {
  /** Default 3. The padding keeps the size, at stride 1. */
  readonly kernel?: number
  /** Default 1. */
  readonly stride?: number
  /** Default 1. */
  readonly dilation?: number
  /** Default 1. */
  readonly groups?: number
  /** Of the batch normalisation. */
  readonly norm?: BatchNormOptions
  /** Default none. */
  readonly activation?: Layer
}

/** A convolution without bias, a batch normalisation and an activation, under the names 0, 1 and 2. */
export function convNormActivation(
  inChannels: number,
  channels: number,
  options: ConvNormActivationOptions,
): Sequential {
  const { kernel = 3, stride = 1, dilation = 1, groups = 1, norm, activation } = options
  const convolution = new Conv2d(inChannels, channels, kernel, {
    stride,
    padding: ((kernel - 1) >> 1) * dilation,
    dilation,
    groups,
    bias: false,
    init: fanOutNormal,
  })
  return new Sequential(convolution, new BatchNorm2d(channels, norm), ...(activation ? [activation] : []))
}

/**
 * The multiple of `divisor` that is nearest to a scaled number of channels, at least one; the next one where
 * rounding takes more than a tenth away.
 */
export function divisibleBy(divisor: number, channels: number): number {
  const nearest = Math.max(divisor, Math.floor((channels + divisor / 2) / divisor) * divisor)
  return nearest < 0.9 * channels ? nearest + divisor : nearest
}
