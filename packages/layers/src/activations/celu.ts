import { clamp, expm1, relu } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkPositive } from '../arguments.ts'
import { Module } from '../module/module.ts'

/**
 * x where x > 0, else `alpha`·(exp(x / alpha) − 1): an ELU whose gradient is 1 at 0 for every `alpha`.
 *
 * @param x any shape
 * @param options
 * @param options.alpha > 0; default 1
 * @throws ValueError when `alpha` is not a positive number
 * @see Barron 2017, arXiv:1704.07483
 */
export function celu(x: Tensor, { alpha = 1 }: { alpha?: number } = {}): Tensor {
  checkPositive('celu', 'alpha', alpha)
  return relu(x).add(expm1(clamp(x, { max: 0 }).div(alpha)).mul(alpha))
}

/** `celu` as a layer. */
export class CELU extends Module {
  readonly alpha: number

  /** @param alpha > 0; default 1. @throws ValueError when it is not a positive number */
  constructor(alpha = 1) {
    super()
    checkPositive('CELU', 'alpha', alpha)
    this.alpha = alpha
  }

  forward(x: Tensor): Tensor {
    return celu(x, { alpha: this.alpha })
  }

  override toString(): string {
    return `CELU(${this.alpha})`
  }
}
