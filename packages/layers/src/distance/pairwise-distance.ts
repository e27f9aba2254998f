import { ShapeError, ValueError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { show } from '../arguments.ts'
import { Module } from '../module/module.ts'
import { vectorNorm } from './vector-norm.ts'

/** By which norm vectors are apart. */
export interface PairwiseDistanceOptions {
  /** The norm of the difference, > 0; `Infinity` for the greatest element. Default 2. */
  p?: number
  /** Added to each difference, so that the distance has a gradient at 0; default 1e-6. */
  eps?: number
  /** Whether the last axis stays, with size 1; default false. */
  keepDims?: boolean
}

/**
 * The distance of vectors, `‖a − b + eps‖ₚ` along the last axis.
 *
 * @param a `[..., D]`
 * @param b in the same shape
 * @returns `[...]`, or `[..., 1]` with `keepDims`
 * @throws ShapeError when the shapes differ or there is no axis
 * @throws ValueError when `p` is not a number > 0
 */
export function pairwiseDistance(a: Tensor, b: Tensor, options: PairwiseDistanceOptions = {}): Tensor {
  const { p = 2, eps = 1e-6, keepDims = false } = options
  checkNorm('pairwiseDistance', p)
  if (a.rank < 1 || show(a.shape) !== show(b.shape)) {
    throw new ShapeError(
      `pairwiseDistance: inputs are not of one shape [..., D]: ${show(a.shape)}, ${show(b.shape)}`,
    )
  }
  const distance = vectorNorm(a.sub(b).add(eps), p, -1)
  return keepDims ? distance : distance.squeeze(-1)
}

/** `pairwiseDistance` as a module. */
export class PairwiseDistance extends Module {
  readonly #options: PairwiseDistanceOptions

  /** @throws ValueError when `p` is not a number > 0 */
  constructor(options: PairwiseDistanceOptions = {}) {
    super()
    checkNorm('PairwiseDistance', options.p ?? 2)
    this.#options = options
  }

  /**
   * @param a `[..., D]`
   * @param b in the same shape
   * @returns `[...]`, or `[..., 1]` with `keepDims`
   * @throws ShapeError when the shapes differ or there is no axis
   */
  forward(a: Tensor, b: Tensor): Tensor {
    return pairwiseDistance(a, b, this.#options)
  }

  override toString(): string {
    return 'PairwiseDistance'
  }
}

function checkNorm(operation: string, p: number): void {
  if (!(p > 0)) throw new ValueError(`${operation}: p is not a number > 0: ${String(p)}`)
}
