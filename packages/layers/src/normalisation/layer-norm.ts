import { Parameter, ones, zeros } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkPositive } from '../arguments.ts'
import { Module } from '../module/module.ts'
import { scaleAndShift, standardise } from './moments.ts'
import { normalizedAxes, readNormalizedShape } from './normalized-shape.ts'

/** What follows a normalisation, as far as it is given. */
export interface AffineOptions {
  /** Multiplied with the result. */
  weight?: Tensor | undefined
  /** Added to it. */
  bias?: Tensor | undefined
  /** Added to the variance, > 0; default 1e-5. */
  eps?: number
}

/**
 * (x − mean) / √(variance + eps) · weight + bias over the last axes, for each example and position by itself.
 *
 * @param x `[..., *normalizedShape]`
 * @param normalizedShape the sizes of the last axes, or of the last one
 * @param options `weight` and `bias` are of the shape `normalizedShape`
 * @returns the shape of `x`
 * @throws ShapeError when the shapes do not fit
 * @throws ValueError when a size is not an integer ≥ 1 or `eps` is not a positive number
 * @see Ba et al. 2016, arXiv:1607.06450
 */
export function layerNorm(
  x: Tensor,
  normalizedShape: number | readonly number[],
  { weight, bias, eps = 1e-5 }: AffineOptions = {},
): Tensor {
  const shape = readNormalizedShape('layerNorm', normalizedShape)
  checkPositive('layerNorm', 'eps', eps)
  const axes = normalizedAxes('layerNorm', x, shape, weight, bias)
  return scaleAndShift(standardise(x, axes, eps), weight, bias)
}

/** How a `LayerNorm` normalises, and what it learns. */
export interface LayerNormOptions {
  /** Added to the variance, > 0; default 1e-5. */
  eps?: number
  /** Whether there is a weight, initially 1, per element that is normalised over; default true. */
  elementwiseAffine?: boolean
  /** Whether there is a bias beside the weight, initially 0; default true. */
  bias?: boolean
}

/** `layerNorm` with a `weight` and a `bias` that are learned, of the shape `normalizedShape`, as in PyTorch. */
export class LayerNorm extends Module {
  readonly weight?: Parameter
  readonly bias?: Parameter
  readonly normalizedShape: readonly number[]
  readonly eps: number

  /** @throws ValueError when a size is not an integer ≥ 1 or `eps` is not a positive number */
  constructor(normalizedShape: number | readonly number[], options: LayerNormOptions = {}) {
    super()
    const { eps = 1e-5, elementwiseAffine = true, bias = true } = options
    this.normalizedShape = readNormalizedShape('LayerNorm', normalizedShape)
    checkPositive('LayerNorm', 'eps', eps)
    this.eps = eps
    if (elementwiseAffine) this.weight = new Parameter(ones(this.normalizedShape))
    if (elementwiseAffine && bias) this.bias = new Parameter(zeros(this.normalizedShape))
  }

  /**
   * @param x `[..., *normalizedShape]`
   * @returns the shape of `x`
   * @throws ShapeError when `x` does not end in `normalizedShape`
   */
  forward(x: Tensor): Tensor {
    const { weight, bias, eps } = this
    return layerNorm(x, this.normalizedShape, { weight, bias, eps })
  }

  override toString(): string {
    return `LayerNorm(${this.normalizedShape.join('x')})`
  }
}
