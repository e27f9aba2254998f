import type { Tensor } from '@badak/tensor'
import { Dropout } from '../dropout/dropout.ts'
import { Linear } from '../linear/linear.ts'
import { Module } from '../module/module.ts'
import { LayerNorm } from '../normalisation/layer-norm.ts'
import { MultiHeadAttention } from './multi-head-attention.ts'
import { readTransformerOptions, residual, type TransformerLayerOptions } from './transformer-layer.ts'

/** Which positions of the source are left out; see `MultiHeadAttentionCall`. */
export interface EncoderCall {
  /** `[T, T]` or `[N · nhead, T, T]`: bool, true where a position must not attend to another; or float, added. */
  srcMask?: Tensor | undefined
  /** `[N, T]`: bool, true where a position is padding; or float, added. */
  srcKeyPaddingMask?: Tensor | undefined
  /** Whether position i attends to positions 0 … i alone; default false. */
  isCausal?: boolean | undefined
}

/**
 * A layer of a Transformer's encoder: self-attention, then a feed-forward network, each with a residual
 * connection and a layer norm. PyTorch's `nn.TransformerEncoderLayer`: `self_attn`, `linear1`, `linear2`,
 * `norm1`, `norm2`.
 *
 * @see Vaswani et al. 2017, arXiv:1706.03762; Xiong et al. 2020 for norms that come first, arXiv:2002.04745
 */
export class TransformerEncoderLayer extends Module {
  readonly selfAttn: MultiHeadAttention
  readonly linear1: Linear
  readonly dropout: Dropout
  readonly linear2: Linear
  readonly norm1: LayerNorm
  readonly norm2: LayerNorm
  readonly dropout1: Dropout
  readonly dropout2: Dropout
  readonly normFirst: boolean
  readonly #activation: (x: Tensor) => Tensor

  /** @throws ValueError when a size is not an integer ≥ 1, `nhead` does not divide `dModel`, or an option is unknown */
  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super()
    const read = readTransformerOptions('TransformerEncoderLayer', dModel, options)
    const drop = (): Dropout => new Dropout(read.dropout, read.stream)
    this.selfAttn = new MultiHeadAttention(dModel, nhead, read.attention)
    this.linear1 = new Linear(dModel, read.dimFeedforward, read.affine)
    this.dropout = drop()
    this.linear2 = new Linear(read.dimFeedforward, dModel, read.affine)
    this.norm1 = new LayerNorm(dModel, read.norm)
    this.norm2 = new LayerNorm(dModel, read.norm)
    this.dropout1 = drop()
    this.dropout2 = drop()
    this.normFirst = read.normFirst
    this.#activation = read.activation
  }

  /**
   * @param src `[T, N, dModel]`, or `[N, T, dModel]` if `batchFirst`
   * @param options
   * @returns the shape of `src`
   * @throws ShapeError when shapes do not fit; DTypeError when a mask is neither bool nor float
   */
  forward(src: Tensor, { srcMask, srcKeyPaddingMask, isCausal }: EncoderCall = {}): Tensor {
    const masks = { attnMask: srcMask, keyPaddingMask: srcKeyPaddingMask, isCausal }
    const attended = residual(src, this.norm1, this.normFirst, (x) =>
      this.dropout1.forward(this.selfAttn.forward(x, x, x, masks)[0]),
    )
    return residual(attended, this.norm2, this.normFirst, (x) => {
      const hidden = this.dropout.forward(this.#activation(this.linear1.forward(x)))
      return this.dropout2.forward(this.linear2.forward(hidden))
    })
  }

  override toString(): string {
    return 'TransformerEncoderLayer'
  }
}
