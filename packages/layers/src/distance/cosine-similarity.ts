import { ShapeError, maximum } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkPositive, show } from '../arguments.ts'
import { Module } from '../module/module.ts'
import { vectorNorm } from './vector-norm.ts'

/** Along which axis vectors lie. */
export interface CosineSimilarityOptions {
  /** Default 1. */
  axis?: number
  /** The least length that is divided by, > 0; default 1e-8. */
  eps?: number
}

/**
 * The cosine of the angle between vectors, `a·b / (‖a‖·‖b‖)`; 0 for a vector of zeros.
 *
 * @param a any shape with the axis
 * @param b in the same shape
 * @returns the shape of `a` without the axis
 * @throws ShapeError when the shapes differ or the axis is out of range
 * @throws ValueError when `eps` is not a positive number
 */
export function cosineSimilarity(a: Tensor, b: Tensor, options: CosineSimilarityOptions = {}): Tensor {
  const { axis = 1, eps = 1e-8 } = options
  checkPositive('cosineSimilarity', 'eps', eps)
  if (show(a.shape) !== show(b.shape))
    throw new ShapeError(`cosineSimilarity: shapes differ: ${show(a.shape)}, ${show(b.shape)}`)
  const unit = (x: Tensor): Tensor => x.div(maximum(vectorNorm(x, 2, axis), eps))
  return unit(a).mul(unit(b)).sum({ axis })
}

/** `cosineSimilarity` as a module. */
export class CosineSimilarity extends Module {
  readonly #options: CosineSimilarityOptions

  /** @throws ValueError when `eps` is not a positive number */
  constructor(options: CosineSimilarityOptions = {}) {
    super()
    checkPositive('CosineSimilarity', 'eps', options.eps ?? 1e-8)
    this.#options = options
  }

  /**
   * @param a any shape with the axis
   * @param b in the same shape
   * @returns the shape of `a` without the axis
   * @throws ShapeError when the shapes differ or the axis is out of range
   */
  forward(a: Tensor, b: Tensor): Tensor {
    return cosineSimilarity(a, b, this.#options)
  }

  override toString(): string {
    return 'CosineSimilarity'
  }
}
