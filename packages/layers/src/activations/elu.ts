import { clamp, expm1, relu } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkFinite } from '../arguments.ts'
import { Module } from '../module/module.ts'

/**
 * x where x > 0, else `alpha`·(eˣ − 1).
 *
 * @param x any shape
 * @param options
 * @param options.alpha what it tends to at −∞, negated; default 1. It is also the gradient at 0
 * @see Clevert et al. 2015, arXiv:1511.07289
 */
export function elu(x: Tensor, { alpha = 1 }: { alpha?: number } = {}): Tensor {
  // One of the two is 0, and nothing is exponentiated that could overflow, also not in the gradient.
  return relu(x).add(expm1(clamp(x, { max: 0 })).mul(alpha))
}

/** `elu` as a layer. */
export class ELU extends Module {
  readonly alpha: number

  /** @param alpha default 1. @throws ValueError when it is not finite */
  constructor(alpha = 1) {
    super()
    checkFinite('ELU', 'alpha', alpha)
    this.alpha = alpha
  }

  forward(x: Tensor): Tensor {
    return elu(x, { alpha: this.alpha })
  }

  override toString(): string {
    return `ELU(${this.alpha})`
  }
}
