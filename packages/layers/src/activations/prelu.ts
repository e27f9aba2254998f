import { Parameter, ShapeError, full, greater, where } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkCount, checkFinite, show } from '../arguments.ts'
import { Module } from '../module/module.ts'

/** How a `PReLU` begins. */
export interface PReLUOptions {
  /** Number of slopes: 1 (default) for all elements, or one for each channel, which is axis 1. */
  numParameters?: number
  /** First value of each slope; default 0.25. */
  init?: number
}

/**
 * x where x > 0, else `weight`·x; the gradient at 0 is the slope.
 *
 * @param x `[N, C, ...]`, or any shape for one slope
 * @param weight `[1]` or `[C]`
 * @throws ShapeError when there is neither one slope nor one for each channel
 * @see He et al. 2015, arXiv:1502.01852
 */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  const channels = x.rank >= 2 ? x.shape[1]! : 1
  if (weight.rank !== 1 || (weight.size !== 1 && weight.size !== channels)) {
    const expected = channels === 1 ? 'not [1]' : `neither [1] nor [${channels}]`
    throw new ShapeError(`prelu: weight is ${expected}: ${show(weight.shape)} for input ${show(x.shape)}`)
  }
  const slope = weight.reshape(x.shape.map((_, axis) => (axis === 1 ? weight.size : 1)))
  return where(greater(x, 0), x, x.mul(slope))
}

/** `prelu` with slopes that are learned: `weight`, `[numParameters]`, as in PyTorch. */
export class PReLU extends Module {
  readonly weight: Parameter

  /** @throws ValueError when `numParameters` is not an integer ≥ 1 or `init` is not finite */
  constructor({ numParameters = 1, init = 0.25 }: PReLUOptions = {}) {
    super()
    checkCount('PReLU', 'numParameters', numParameters)
    checkFinite('PReLU', 'init', init)
    this.weight = new Parameter(full([numParameters], init))
  }

  /**
   * @param x `[N, C, ...]`, or any shape for one slope
   * @returns the shape of `x`
   * @throws ShapeError when there is neither one slope nor one for each channel
   */
  forward(x: Tensor): Tensor {
    return prelu(x, this.weight)
  }

  override toString(): string {
    return `PReLU(${this.weight.size})`
  }
}
