import { softplus } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkPositive } from '../arguments.ts'
import { Module } from '../module/module.ts'

/**
 * `log(1 + exp(beta·x)) / beta`, without overflow: a smooth ReLU, the sharper the greater `beta`. The
 * function, with `beta` 1, is `softplus` of `@badak/tensor`.
 *
 * @see Dugas et al. 2001, "Incorporating second-order functional knowledge for better option pricing"
 */
export class Softplus extends Module {
  readonly beta: number

  /** @param beta > 0; default 1. @throws ValueError when it is not a positive number */
  constructor(beta = 1) {
    super()
    checkPositive('Softplus', 'beta', beta)
    this.beta = beta
  }

  forward(x: Tensor): Tensor {
    const { beta } = this
    return beta === 1 ? softplus(x) : softplus(x.mul(beta)).div(beta)
  }

  override toString(): string {
    return this.beta === 1 ? 'Softplus' : `Softplus(${this.beta})`
  }
}
