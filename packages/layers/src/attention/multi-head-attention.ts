import { Parameter, ShapeError, ValueError, logicalAnd, logicalNot, where, zeros } from '@badak/tensor'
import type { Generator, Tensor } from '@badak/tensor'
import { xavierUniform, type Initializer } from '@badak/initializers'
import { checkCount, show } from '../arguments.ts'
import { checkProbability } from '../dropout/dropout-layer.ts'
import { linear, Linear } from '../linear/linear.ts'
import { Module } from '../module/module.ts'
import { attend, checkMask } from './scaled-dot-product-attention.ts'

const name = 'MultiHeadAttention'

/** How a `MultiHeadAttention` is built. */
export interface MultiHeadAttentionOptions {
  /** Probability that an attention weight is dropped, in training; default 0. */
  dropout?: number
  /** Whether the projections have biases, initially 0; default true. */
  bias?: boolean
  /** Size of the keys; default `embedDim`. */
  kdim?: number
  /** Size of the values; default `embedDim`. */
  vdim?: number
  /** Whether tensors are `[N, L, …]`; default false, as in PyTorch: `[L, N, …]`. */
  batchFirst?: boolean
  /** First value of the weights; default `xavierUniform`. */
  init?: Initializer
  /** The stream that decides what is dropped; default the one that `seed` sets. */
  generator?: Generator
}

/** Which keys are left out, and how the weights are given. */
export interface MultiHeadAttentionCall {
  /** `[N, S]`: bool, true where a key is padding; or float, added to the scores. */
  keyPaddingMask?: Tensor | undefined
  /**
   * `[L, S]`, or `[N · numHeads, L, S]`: bool, true where a query must not attend to a key; or float, added
   * to the scores.
   */
  attnMask?: Tensor | undefined
  /** Whether query i attends to keys 0 … i alone; default false. No mask is needed for that. */
  isCausal?: boolean | undefined
  /** Whether the weights are averaged over the heads; default true. */
  averageAttnWeights?: boolean | undefined
}

/**
 * Attention of several heads, each with projections of its own to `embedDim / numHeads` features. PyTorch's
 * `nn.MultiheadAttention`: `in_proj_weight` `[3 · embedDim, embedDim]` for queries, keys and values, or
 * `q_proj_weight`, `k_proj_weight` and `v_proj_weight` if `kdim` or `vdim` is another; `in_proj_bias`; and
 * `out_proj`.
 *
 * A query that the masks leave no key gets weights of 0, and the bias of `out_proj` for an output; in
 * PyTorch it gets NaN.
 *
 * @example
 * ```ts
 * const layer = new MultiHeadAttention(64, 8, { batchFirst: true })
 * const [output, weights] = layer.forward(randomNormal([2, 5, 64])) // [2, 5, 64], [2, 5, 5]
 * ```
 * @see Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2
 */
export class MultiHeadAttention extends Module {
  readonly inProjWeight?: Parameter
  readonly qProjWeight?: Parameter
  readonly kProjWeight?: Parameter
  readonly vProjWeight?: Parameter
  readonly inProjBias?: Parameter
  readonly outProj: Linear
  readonly embedDim: number
  readonly numHeads: number
  readonly kdim: number
  readonly vdim: number
  readonly dropout: number
  readonly batchFirst: boolean
  readonly #generator: Generator | undefined

  /** @throws ValueError when a size is not an integer ≥ 1, or the heads do not divide `embedDim` */
  constructor(embedDim: number, numHeads: number, options: MultiHeadAttentionOptions = {}) {
    super()
    const { dropout = 0, bias = true, kdim = embedDim, vdim = embedDim, init = xavierUniform } = options
    const sizes = { embedDim, numHeads, kdim, vdim }
    for (const [what, size] of Object.entries(sizes)) checkCount(name, what, size)
    if (embedDim % numHeads !== 0)
      throw new ValueError(`${name}: ${numHeads} heads do not divide ${embedDim} features`)
    checkProbability(name, dropout)
    if (kdim === embedDim && vdim === embedDim)
      this.inProjWeight = new Parameter(init([3 * embedDim, embedDim]))
    else {
      this.qProjWeight = new Parameter(init([embedDim, embedDim]))
      this.kProjWeight = new Parameter(init([embedDim, kdim]))
      this.vProjWeight = new Parameter(init([embedDim, vdim]))
    }
    const { dtype } = this.inProjWeight ?? this.qProjWeight!
    if (bias) this.inProjBias = new Parameter(zeros([3 * embedDim], { dtype }))
    this.outProj = new Linear(embedDim, embedDim, { bias, init })
    this.embedDim = embedDim
    this.numHeads = numHeads
    this.kdim = kdim
    this.vdim = vdim
    this.dropout = dropout
    this.batchFirst = options.batchFirst ?? false
    this.#generator = options.generator
  }

  /**
   * @param query `[L, N, embedDim]`, or `[N, L, embedDim]` if `batchFirst`
   * @param key `[S, N, kdim]` or `[N, S, kdim]`; default the queries
   * @param value `[S, N, vdim]` or `[N, S, vdim]`; default the keys
   * @param options
   * @returns the output, in the shape of `query`, and the weights by which values were multiplied,
   *   `[N, L, S]`, or `[N, numHeads, L, S]` if they are not averaged. An average that nobody reads
   *   is not computed
   * @throws ShapeError when shapes do not fit; DTypeError when a mask is neither bool nor float
   */
  forward(
    query: Tensor,
    key: Tensor = query,
    value: Tensor = key,
    options: MultiHeadAttentionCall = {},
  ): [output: Tensor, weights: Tensor] {
    this.#checkInputs(query, key, value)
    const [q, k, v] = this.#project(query, key, value).map((x) => this.#split(x)) as [Tensor, Tensor, Tensor]
    const { output, weights } = attend(q, k, v, {
      attnMask: this.#mask(q.shape[0]!, q.shape[2]!, k.shape[2]!, options),
      isCausal: options.isCausal,
      dropoutP: this.training ? this.dropout : 0,
      generator: this.#generator,
    })
    const joined = output.permute(this.batchFirst ? [0, 2, 1, 3] : [2, 0, 1, 3]).reshape(query.shape)
    const averaged = (options.averageAttnWeights ?? true) ? weights.mean({ axis: 1 }) : weights
    return [this.outProj.forward(joined), averaged]
  }

  /** The projections of queries, keys and values; scores and means of each query and key. */
  override multiplyAdds(_output: never, query: Tensor, key: Tensor = query, value: Tensor = key): number {
    const S = key.shape[this.batchFirst ? 1 : 0]!
    return this.embedDim * (query.size + key.size + value.size) + 2 * query.size * S
  }

  override toString(): string {
    return `${name}(${this.embedDim}, ${this.numHeads})`
  }

  /** Queries, keys and values with `embedDim` features each. */
  #project(query: Tensor, key: Tensor, value: Tensor): Tensor[] {
    const { inProjWeight, qProjWeight, kProjWeight, vProjWeight, inProjBias } = this
    // Of the same sequence: one product for all three.
    if (inProjWeight && query === key && key === value)
      return linear(query, inProjWeight, inProjBias).split(3, { axis: 2 })
    const weights = inProjWeight?.split(3) ?? [qProjWeight!, kProjWeight!, vProjWeight!]
    const biases = inProjBias?.split(3)
    return [query, key, value].map((x, part) => linear(x, weights[part]!, biases?.[part]))
  }

  /** The features by head: `[N, numHeads, L, embedDim / numHeads]`. */
  #split(x: Tensor): Tensor {
    const [first, second] = x.shape as [number, number]
    const heads = x.reshape([first, second, this.numHeads, this.embedDim / this.numHeads])
    return heads.permute(this.batchFirst ? [0, 2, 1, 3] : [1, 2, 0, 3])
  }

  /** Both masks in one, that broadcasts to `[N, numHeads, L, S]`; bool: true where a query attends. */
  #mask(N: number, L: number, S: number, options: MultiHeadAttentionCall): Tensor | undefined {
    const { keyPaddingMask, attnMask } = options
    const masks: Tensor[] = []
    if (keyPaddingMask) {
      checkShape('keyPaddingMask', keyPaddingMask, [N, S])
      masks.push(keyPaddingMask.reshape([N, 1, 1, S]))
    }
    if (attnMask) {
      if (attnMask.rank === 2) checkShape('attnMask', attnMask, [L, S])
      else checkShape('attnMask', attnMask, [N * this.numHeads, L, S])
      masks.push(attnMask.rank === 2 ? attnMask : attnMask.reshape([N, this.numHeads, L, S]))
    }
    const attends = masks.filter(({ dtype }) => dtype === 'bool').map(logicalNot)
    const added = masks.filter(({ dtype }) => dtype !== 'bool')
    if (added.length === 0) return attends.length > 0 ? attends.reduce(logicalAnd) : undefined
    return [...added, ...attends.map((mask) => where(mask, 0, -Infinity))].reduce((sum, mask) =>
      sum.add(mask),
    )
  }

  #checkInputs(query: Tensor, key: Tensor, value: Tensor): void {
    const [time, batch] = this.batchFirst ? [1, 0] : [0, 1]
    const given = [query, key, value]
    const sizes = [this.embedDim, this.kdim, this.vdim]
    const fits =
      given.every(({ rank, shape }, k) => rank === 3 && shape[2] === sizes[k]) &&
      given.every(({ shape }) => shape[batch] === query.shape[batch]) &&
      key.shape[time] === value.shape[time]
    if (fits) return
    const axes = ['L', 'S', 'S'].map((T, k) =>
      this.batchFirst ? `[N, ${T}, ${sizes[k]}]` : `[${T}, N, ${sizes[k]}]`,
    )
    throw new ShapeError(
      `${name}: query, key and value are not ${axes[0]}, ${axes[1]} and ${axes[2]}: ` +
        given.map(({ shape }) => show(shape)).join(', '),
    )
  }
}

function checkShape(what: string, mask: Tensor, expected: readonly number[]): void {
  checkMask(name, what, mask)
  if (show(mask.shape) === show(expected)) return
  throw new ShapeError(`${name}: ${what} is not ${show(expected)}: ${show(mask.shape)}`)
}
