import { ShapeError, randomBernoulli } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { show } from '../arguments.ts'
import { channelBlocks } from './channel-dropout.ts'
import { checkProbability, DropoutLayer, type DropoutOptions } from './dropout-layer.ts'

/** What a SELU tends to at −∞. */
const SATURATED = -1.7580993408473766

/**
 * Sets each element to what a SELU gives at −∞ with probability `p`, then scales and shifts all of them, so
 * that values with mean 0 and variance 1 keep both. For networks of `selu`.
 *
 * @param p in [0, 1)
 * @throws ValueError when `p` is outside of [0, 1)
 * @see Klambauer et al. 2017, arXiv:1706.02515
 */
export function alphaDropout(x: Tensor, p: number, options: DropoutOptions = {}): Tensor {
  checkProbability('alphaDropout', p)
  return saturate(x, p, x.shape, options)
}

/**
 * `alphaDropout` of whole channels.
 *
 * @param x `[N, C, ...]`
 * @param p in [0, 1)
 * @throws ShapeError when `x` has no channels; ValueError when `p` is outside of [0, 1)
 */
export function featureAlphaDropout(x: Tensor, p: number, options: DropoutOptions = {}): Tensor {
  checkProbability('featureAlphaDropout', p)
  if (x.rank < 2) throw new ShapeError(`featureAlphaDropout: input is not [N, C, ...]: ${show(x.shape)}`)
  return saturate(x, p, channelBlocks(x), options)
}

/** `alphaDropout` in training, nothing in evaluation. */
export class AlphaDropout extends DropoutLayer {
  /** @internal */
  protected override kind(): string {
    return 'AlphaDropout'
  }

  /** @internal */
  protected override drop(x: Tensor, p: number, options: DropoutOptions): Tensor {
    return alphaDropout(x, p, options)
  }
}

/** `featureAlphaDropout` in training, nothing in evaluation. */
export class FeatureAlphaDropout extends DropoutLayer {
  /** @internal */
  protected override kind(): string {
    return 'FeatureAlphaDropout'
  }

  /** @internal */
  protected override drop(x: Tensor, p: number, options: DropoutOptions): Tensor {
    return featureAlphaDropout(x, p, options)
  }
}

/** One decision for each element of `blocks`, a shape that broadcasts to that of `x`. */
function saturate(x: Tensor, p: number, blocks: readonly number[], { generator }: DropoutOptions): Tensor {
  if (p === 0) return x
  const kept = randomBernoulli(blocks, 1 - p, { generator }).cast(x.dtype)
  // Mean p·s and variance (1 − p)·(1 + p·s²) of the mixture, brought back to 0 and 1.
  const scale = 1 / Math.sqrt((1 - p) * (1 + p * SATURATED ** 2))
  const saturated = kept.neg().add(1).mul(SATURATED)
  return x
    .mul(kept)
    .add(saturated)
    .sub(p * SATURATED)
    .mul(scale)
}
