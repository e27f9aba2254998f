import { greater, where } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkFinite } from '../arguments.ts'
import { Module } from '../module/module.ts'

/**
 * x where x > 0, else `negativeSlope`·x.
 *
 * @param x any shape
 * @param options
 * @param options.negativeSlope default 0.01; it is also the gradient at 0
 * @see Maas et al. 2013, "Rectifier nonlinearities improve neural network acoustic models"
 */
export function leakyReLU(x: Tensor, { negativeSlope = 0.01 }: { negativeSlope?: number } = {}): Tensor {
  return where(greater(x, 0), x, x.mul(negativeSlope))
}

/** `leakyReLU` as a layer. */
export class LeakyReLU extends Module {
  readonly negativeSlope: number

  /** @param negativeSlope default 0.01. @throws ValueError when it is not finite */
  constructor(negativeSlope = 0.01) {
    super()
    checkFinite('LeakyReLU', 'negativeSlope', negativeSlope)
    this.negativeSlope = negativeSlope
  }

  forward(x: Tensor): Tensor {
    return leakyReLU(x, { negativeSlope: this.negativeSlope })
  }

  override toString(): string {
    return `LeakyReLU(${this.negativeSlope})`
  }
}
