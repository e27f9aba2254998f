import { randomBernoulli } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkProbability, DropoutLayer, type DropoutOptions } from './dropout-layer.ts'

/**
 * Sets each element to 0 with probability `p`, and divides the others by 1 − p, so that the mean stays.
 *
 * @param p in [0, 1)
 * @throws ValueError when `p` is outside of [0, 1)
 * @see Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting"
 */
export function dropout(x: Tensor, p: number, options: DropoutOptions = {}): Tensor {
  checkProbability('dropout', p)
  return dropBlocks(x, p, x.shape, options)
}

/** `dropout` in training, nothing in evaluation. */
export class Dropout extends DropoutLayer {
  /** @internal */
  protected override kind(): string {
    return 'Dropout'
  }

  /** @internal */
  protected override drop(x: Tensor, p: number, options: DropoutOptions): Tensor {
    return dropout(x, p, options)
  }
}

/** One decision for each element of `blocks`, a shape that broadcasts to that of `x`. @internal */
export function dropBlocks(
  x: Tensor,
  p: number,
  blocks: readonly number[],
  { generator }: DropoutOptions,
): Tensor {
  if (p === 0) return x
  const kept = randomBernoulli(blocks, 1 - p, { generator })
  return x.mul(kept.cast(x.dtype)).mul(1 / (1 - p))
}
