import { ShapeError, sigmoid, split } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { show } from '../arguments.ts'
import { Module } from '../module/module.ts'

/**
 * The gated linear unit: a·sigmoid(b), where a and b are the halves of `x` along an axis.
 *
 * @param x any shape whose axis has an even size
 * @param options
 * @param options.axis default the last
 * @returns the shape of `x`, with half of the axis
 * @throws ShapeError when the axis does not exist or has an odd size
 * @see Dauphin et al. 2016, arXiv:1612.08083
 */
export function glu(x: Tensor, { axis = -1 }: { axis?: number } = {}): Tensor {
  const size = x.shape.at(axis)
  if (size !== undefined && size % 2 !== 0)
    throw new ShapeError(`glu: axis ${axis} has no two halves: ${show(x.shape)}`)
  const [a, b] = split(x, 2, { axis }) as [Tensor, Tensor]
  return a.mul(sigmoid(b))
}

/** `glu` as a layer. */
export class GLU extends Module {
  readonly axis: number

  /**
   * @param options
   * @param options.axis the axis that is halved; default the last
   */
  constructor({ axis = -1 }: { axis?: number } = {}) {
    super()
    this.axis = axis
  }

  /** @throws ShapeError when the axis does not exist or has an odd size */
  forward(x: Tensor): Tensor {
    return glu(x, { axis: this.axis })
  }

  override toString(): string {
    return 'GLU'
  }
}
