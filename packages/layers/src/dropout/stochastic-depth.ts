import type { Tensor } from '@badak/tensor'
import { dropBlocks } from './dropout.ts'
import { checkProbability, DropoutLayer, type DropoutOptions } from './dropout-layer.ts'

/**
 * Sets whole samples to 0 with probability `p`, and divides the others by 1 − p: put on the branch of a
 * residual block, it makes the network shallower for that sample.
 *
 * @param x `[N, ...]`
 * @param p in [0, 1)
 * @returns the shape of `x`
 * @throws ValueError when `p` is outside of [0, 1)
 * @see Huang et al. 2016, "Deep networks with stochastic depth", arXiv:1603.09382
 */
export function stochasticDepth(x: Tensor, p: number, options: DropoutOptions = {}): Tensor {
  checkProbability('stochasticDepth', p)
  return dropBlocks(
    x,
    p,
    x.shape.map((size, axis) => (axis === 0 ? size : 1)),
    options,
  )
}

/** `stochasticDepth` in training, nothing in evaluation. */
export class StochasticDepth extends DropoutLayer {
  /** @internal */
  protected override kind(): string {
    return 'StochasticDepth'
  }

  /** @internal */
  protected override drop(x: Tensor, p: number, options: DropoutOptions): Tensor {
    return stochasticDepth(x, p, options)
  }
}
