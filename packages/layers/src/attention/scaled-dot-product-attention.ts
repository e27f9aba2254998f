import {
  DTypeError,
  ShapeError,
  arange,
  equal,
  exp,
  isFinite,
  lessEqual,
  softmax,
  stopGradient,
  where,
} from '@badak/tensor'
import type { Generator, Tensor } from '@badak/tensor'
import { checkFinite, show } from '../arguments.ts'
import { checkProbability } from '../dropout/dropout-layer.ts'
import { dropout } from '../dropout/dropout.ts'

const name = 'scaledDotProductAttention'

/** Which keys a query attends to. */
export interface AttentionOptions {
  /**
   * Broadcasts to `[..., L, S]`: bool, true where the query attends to the key; or float, added to the
   * scores. The masks of `MultiHeadAttention` are the other way round, as in PyTorch.
   */
  attnMask?: Tensor | undefined
  /** Whether query i attends to keys 0 … i alone, beside what the mask says; default false. */
  isCausal?: boolean | undefined
  /** Probability that a weight is dropped; default 0. */
  dropoutP?: number | undefined
  /** Factor on the products of queries and keys; default 1/√E. */
  scale?: number | undefined
  /** The stream that decides what is dropped; default the one that `seed` sets. */
  generator?: Generator | undefined
}

/**
 * softmax(query·keyᵀ/√E)·value: for each query a mean of the values, weighted by how well their keys fit.
 *
 * A query that a mask lets attend to nothing gets 0, and passes no gradient.
 *
 * @param query `[..., L, E]`
 * @param key `[..., S, E]`
 * @param value `[..., S, V]`; axes in front of the last two broadcast
 * @returns `[..., L, V]`
 * @throws ShapeError when shapes do not fit; DTypeError when a mask is neither bool nor float
 * @throws ValueError when `dropoutP` is outside of [0, 1) or `scale` is not finite
 * @see Vaswani et al. 2017, arXiv:1706.03762, section 3.2.1
 */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: AttentionOptions = {},
): Tensor {
  const ranked = query.rank >= 2 && key.rank >= 2 && value.rank >= 2
  if (!ranked || query.shape.at(-1) !== key.shape.at(-1) || key.shape.at(-2) !== value.shape.at(-2)) {
    throw new ShapeError(
      `${name}: query, key and value are not [..., L, E], [..., S, E] and [..., S, V]: ` +
        `${show(query.shape)}, ${show(key.shape)}, ${show(value.shape)}`,
    )
  }
  return attend(query, key, value, options).output
}

/** `scaledDotProductAttention` of what has been checked, and the weights, `[..., L, S]`. */
export function attend(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  { attnMask, isCausal = false, dropoutP = 0, scale, generator }: AttentionOptions,
): { output: Tensor; weights: Tensor } {
  const factor = scale ?? 1 / Math.sqrt(query.shape.at(-1)!)
  checkFinite(name, 'scale', factor)
  checkProbability(name, dropoutP)
  const scores = query.mul(factor).matmul(transposed(key))
  const [L, S] = scores.shape.slice(-2) as [number, number]
  const causal = isCausal ? where(upTo(L, S), scores, -Infinity) : scores
  const all = attnMask ? maskedSoftmax(masked(causal, attnMask)) : softmax(causal)
  const weights = dropout(all, dropoutP, { generator })
  return { output: weights.matmul(value), weights }
}

function transposed(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis)
  return x.permute([...axes.slice(0, -2), x.rank - 1, x.rank - 2])
}

/** Where position j, along axis 1, is not behind position i, along axis 0. */
function upTo(L: number, S: number): Tensor {
  const positions = (count: number): Tensor => arange(0, count, 1, { dtype: 'int32' })
  return lessEqual(positions(S), positions(L).unsqueeze(1))
}

function masked(scores: Tensor, mask: Tensor): Tensor {
  checkMask(name, 'attnMask', mask)
  const sizes = scores.shape.slice(Math.max(0, scores.rank - mask.rank))
  const fits =
    mask.rank <= scores.rank && mask.shape.every((size, axis) => size === 1 || size === sizes[axis])
  if (!fits)
    throw new ShapeError(`${name}: attnMask does not broadcast to ${show(scores.shape)}: ${show(mask.shape)}`)
  return mask.dtype === 'bool' ? where(mask, scores, -Infinity) : scores.add(mask)
}

/** @throws DTypeError when a mask is neither bool nor float */
export function checkMask(operation: string, what: string, { dtype }: Tensor): void {
  if (dtype === 'bool' || dtype.startsWith('float')) return
  throw new DTypeError(`${operation}: ${what} is ${dtype}: expected bool or a float type`)
}

/** Softmax along the last axis, but 0 for a row that is −∞ throughout, where softmax is NaN. */
function maskedSoftmax(scores: Tensor): Tensor {
  const greatest = stopGradient(scores.max({ axis: -1, keepDims: true }))
  const powers = exp(scores.sub(where(isFinite(greatest), greatest, 0)))
  const total = powers.sum({ axis: -1, keepDims: true })
  return powers.div(where(equal(total, 0), 1, total))
}
