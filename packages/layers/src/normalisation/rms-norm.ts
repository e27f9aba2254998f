import { Parameter, ones, rsqrt } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkPositive } from '../arguments.ts'
import { Module } from '../module/module.ts'
import { normalizedAxes, readNormalizedShape } from './normalized-shape.ts'

/**
 * x / √(mean of x² + eps) · weight over the last axes: a layer norm that does not centre.
 *
 * @param x `[..., *normalizedShape]`
 * @param normalizedShape the sizes of the last axes, or of the last one
 * @param options
 * @param options.weight of the shape `normalizedShape`
 * @param options.eps > 0; default the distance from 1 to the next number of the type, 2⁻²³ in float32
 * @returns the shape of `x`
 * @throws ShapeError when the shapes do not fit
 * @throws ValueError when a size is not an integer ≥ 1 or `eps` is not a positive number
 * @see Zhang & Sennrich 2019, arXiv:1910.07467
 */
export function rmsNorm(
  x: Tensor,
  normalizedShape: number | readonly number[],
  { weight, eps }: { weight?: Tensor | undefined; eps?: number | undefined } = {},
): Tensor {
  const shape = readNormalizedShape('rmsNorm', normalizedShape)
  const axis = normalizedAxes('rmsNorm', x, shape, weight)
  const least = eps ?? (x.dtype === 'float64' ? 2 ** -52 : 2 ** -23)
  checkPositive('rmsNorm', 'eps', least)
  const y = x.mul(rsqrt(x.mul(x).mean({ axis, keepDims: true }).add(least)))
  return weight ? y.mul(weight) : y
}

/** How an `RMSNorm` normalises, and what it learns. */
export interface RMSNormOptions {
  /** Added to the mean of squares, > 0; default 2⁻²³ in float32. */
  eps?: number
  /** Whether there is a weight, initially 1, per element that is normalised over; default true. */
  elementwiseAffine?: boolean
}

/** `rmsNorm` with a `weight` that is learned, of the shape `normalizedShape`, as in PyTorch. */
export class RMSNorm extends Module {
  readonly weight?: Parameter
  readonly normalizedShape: readonly number[]
  readonly eps: number | undefined

  /** @throws ValueError when a size is not an integer ≥ 1 or `eps` is not a positive number */
  constructor(
    normalizedShape: number | readonly number[],
    { eps, elementwiseAffine = true }: RMSNormOptions = {},
  ) {
    super()
    this.normalizedShape = readNormalizedShape('RMSNorm', normalizedShape)
    if (eps !== undefined) checkPositive('RMSNorm', 'eps', eps)
    this.eps = eps
    if (elementwiseAffine) this.weight = new Parameter(ones(this.normalizedShape))
  }

  /**
   * @param x `[..., *normalizedShape]`
   * @returns the shape of `x`
   * @throws ShapeError when `x` does not end in `normalizedShape`
   */
  forward(x: Tensor): Tensor {
    return rmsNorm(x, this.normalizedShape, { weight: this.weight, eps: this.eps })
  }

  override toString(): string {
    return `RMSNorm(${this.normalizedShape.join('x')})`
  }
}
