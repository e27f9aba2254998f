import { ShapeError, ValueError, avgPool2d, pad } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Module } from '@badak/layers'
import { single } from './size.ts'

/** How a `LocalResponseNorm` divides. */
export interface LocalResponseNormOptions {
  /** Factor of the mean of squares; default 1e-4. */
  alpha?: number
  /** Exponent; default 0.75. */
  beta?: number
  /** Added to the mean; default 1. */
  k?: number
}

/**
 * Divides each value by what its neighbours in other channels are: `x / (k + alpha · mean of x²)^beta`, the mean
 * over `size` channels around it, those beyond the first and last counted as 0.
 *
 * @param x `[N, C, …]`
 * @param size how many channels; of an even number one more lies before than after
 * @returns the shape of `x`
 * @throws ShapeError when `x` has fewer than 3 axes
 * @throws ValueError when `size` is not an integer ≥ 1 or another number is not finite
 * @see Krizhevsky et al. 2012, "ImageNet classification with deep convolutional neural networks", 3.3
 */
export function localResponseNorm(x: Tensor, size: number, options: LocalResponseNormOptions = {}): Tensor {
  const { alpha = 1e-4, beta = 0.75, k = 1 } = options
  checkOptions('localResponseNorm', size, { alpha, beta, k })
  if (x.rank < 3) throw new ShapeError(`localResponseNorm: input is not [N, C, …]: [${x.shape.join(',')}]`)
  const [N, C] = x.shape as [number, number]
  const planes = [N, C, x.shape.slice(2).reduce((a, b) => a * b, 1)]
  if (planes.includes(0)) return x
  // Channels as rows, over which a window slides.
  const around = [
    [0, 0],
    [Math.floor(size / 2), Math.floor((size - 1) / 2)],
    [0, 0],
  ] as const
  const squares = pad(x.reshape(planes).square(), around)
  const means = avgPool2d(squares, { kernel: [size, 1], stride: 1 }).reshape(x.shape)
  const base = means.mul(alpha).add(k)
  // The usual exponent is two roots, far cheaper than a power.
  return x.div(beta === 0.75 ? base.sqrt().mul(base.sqrt().sqrt()) : base.pow(beta))
}

function checkOptions(operation: string, size: number, options: Required<LocalResponseNormOptions>): void {
  single(operation, 'size', size, 1)
  for (const [name, value] of Object.entries(options))
    if (!Number.isFinite(value))
      throw new ValueError(`${operation}: ${name} is not a finite number: ${value}`)
}

/** `localResponseNorm` as a layer, as in AlexNet and GoogLeNet. */
export class LocalResponseNorm extends Module {
  readonly size: number
  readonly alpha: number
  readonly beta: number
  readonly k: number

  /** @throws ValueError when `size` is not an integer ≥ 1 or another number is not finite */
  constructor(size: number, { alpha = 1e-4, beta = 0.75, k = 1 }: LocalResponseNormOptions = {}) {
    super()
    checkOptions('LocalResponseNorm', size, { alpha, beta, k })
    this.size = size
    this.alpha = alpha
    this.beta = beta
    this.k = k
  }

  /**
   * @param x `[N, C, …]`
   * @returns the shape of `x`
   * @throws ShapeError when `x` has fewer than 3 axes
   */
  forward(x: Tensor): Tensor {
    const { size, alpha, beta, k } = this
    return localResponseNorm(x, size, { alpha, beta, k })
  }

  override toString(): string {
    return `LocalResponseNorm(${this.size})`
  }
}
