import { clamp, erf, tanh } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkChoice } from '../arguments.ts'
import { Module } from '../module/module.ts'

/**
 * x·Φ(x), Φ the distribution function of N(0, 1).
 *
 * @param x any shape
 * @param options
 * @param options.approximate `tanh` for 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))); default `none`
 * @see Hendrycks & Gimpel 2016, arXiv:1606.08415
 */
export function gelu(x: Tensor, { approximate = 'none' }: { approximate?: 'none' | 'tanh' } = {}): Tensor {
  const half = x.mul(0.5)
  if (approximate === 'none') return half.mul(erf(x.mul(Math.SQRT1_2)).add(1))
  // Beyond ±10 the tanh is ±1 to the last bit, in float64 too, while the cube of a large x is infinite.
  const u = clamp(x, { min: -10, max: 10 })
  const cubic = u.mul(u).mul(u).mul(0.044715)
  return half.mul(tanh(u.add(cubic).mul(Math.sqrt(2 / Math.PI))).add(1))
}

/** `gelu` as a layer. */
export class GELU extends Module {
  readonly approximate: 'none' | 'tanh'

  /** @throws ValueError when the approximation is unknown */
  constructor({ approximate = 'none' }: { approximate?: 'none' | 'tanh' } = {}) {
    super()
    checkChoice('GELU', 'approximation', approximate, ['none', 'tanh'])
    this.approximate = approximate
  }

  forward(x: Tensor): Tensor {
    return gelu(x, { approximate: this.approximate })
  }

  override toString(): string {
    return 'GELU'
  }
}
