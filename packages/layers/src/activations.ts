import { ValueError, erf, greater, logSoftmax, relu, sigmoid, softmax, tanh, where } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Module } from './module.ts'

/**
 * 1 where x > 0, else 0, also where x is NaN. Its gradient is 0: a network of steps cannot be trained by
 * gradients.
 */
export function step(x: Tensor): Tensor {
  return greater(x, 0).cast(x.dtype)
}

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
  const cubic = x.mul(x).mul(x).mul(0.044715)
  return half.mul(tanh(x.add(cubic).mul(Math.sqrt(2 / Math.PI))).add(1))
}

/**
 * x·sigmoid(x), also known as swish.
 *
 * @see Elfwing et al. 2018, arXiv:1702.03118
 */
export function silu(x: Tensor): Tensor {
  return x.mul(sigmoid(x))
}

/** `max(x, 0)`, element by element; the gradient at 0 is 0. */
export class ReLU extends Module {
  forward(x: Tensor): Tensor {
    return relu(x)
  }

  override toString(): string {
    return 'ReLU'
  }
}

/** `leakyReLU` as a layer. */
export class LeakyReLU extends Module {
  readonly negativeSlope: number

  /** @param negativeSlope default 0.01. @throws ValueError when it is not finite */
  constructor(negativeSlope = 0.01) {
    super()
    if (!Number.isFinite(negativeSlope))
      throw new ValueError(`LeakyReLU: the slope is not finite: ${negativeSlope}`)
    this.negativeSlope = negativeSlope
  }

  forward(x: Tensor): Tensor {
    return leakyReLU(x, { negativeSlope: this.negativeSlope })
  }

  override toString(): string {
    return `LeakyReLU(${this.negativeSlope})`
  }
}

/** `1 / (1 + e⁻ˣ)`, element by element. */
export class Sigmoid extends Module {
  forward(x: Tensor): Tensor {
    return sigmoid(x)
  }

  override toString(): string {
    return 'Sigmoid'
  }
}

/** The hyperbolic tangent, element by element. */
export class Tanh extends Module {
  forward(x: Tensor): Tensor {
    return tanh(x)
  }

  override toString(): string {
    return 'Tanh'
  }
}

/** `gelu` as a layer. */
export class GELU extends Module {
  readonly approximate: 'none' | 'tanh'

  /** @throws ValueError when the approximation is unknown */
  constructor({ approximate = 'none' }: { approximate?: 'none' | 'tanh' } = {}) {
    super()
    if (approximate !== 'none' && approximate !== 'tanh') {
      throw new ValueError(
        `GELU: unknown approximation ${JSON.stringify(approximate)}: expected none or tanh`,
      )
    }
    this.approximate = approximate
  }

  forward(x: Tensor): Tensor {
    return gelu(x, { approximate: this.approximate })
  }

  override toString(): string {
    return 'GELU'
  }
}

/** `silu` as a layer. */
export class SiLU extends Module {
  forward(x: Tensor): Tensor {
    return silu(x)
  }

  override toString(): string {
    return 'SiLU'
  }
}

/** Probabilities along an axis: `eˣ / Σ eˣ`. For training, give logits to `softmaxCrossEntropy` instead. */
export class Softmax extends Module {
  readonly axis: number

  /**
   * @param options
   * @param options.axis the axis that adds up to 1; default the last
   */
  constructor({ axis = -1 }: { axis?: number } = {}) {
    super()
    this.axis = axis
  }

  forward(x: Tensor): Tensor {
    return softmax(x, { axis: this.axis })
  }

  override toString(): string {
    return 'Softmax'
  }
}

/** Logarithms of probabilities along an axis: `x − log Σ eˣ`. */
export class LogSoftmax extends Module {
  readonly axis: number

  /**
   * @param options
   * @param options.axis the axis whose exponentials add up to 1; default the last
   */
  constructor({ axis = -1 }: { axis?: number } = {}) {
    super()
    this.axis = axis
  }

  forward(x: Tensor): Tensor {
    return logSoftmax(x, { axis: this.axis })
  }

  override toString(): string {
    return 'LogSoftmax'
  }
}
