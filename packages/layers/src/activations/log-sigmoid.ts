import { neg, softplus } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Module } from '../module/module.ts'

/** `log(1 / (1 + e⁻ˣ))`, exact where the sigmoid underflows. */
export function logSigmoid(x: Tensor): Tensor {
  return neg(softplus(neg(x)))
}

/** `logSigmoid` as a layer. */
export class LogSigmoid extends Module {
  forward(x: Tensor): Tensor {
    return logSigmoid(x)
  }

  override toString(): string {
    return 'LogSigmoid'
  }
}
