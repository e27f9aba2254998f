import type { Tensor } from '@badak/tensor'
import { Dropout } from '../dropout/dropout.ts'
import { Linear } from '../linear/linear.ts'
import { Module } from '../module/module.ts'
import { LayerNorm } from '../normalisation/layer-norm.ts'
import { MultiHeadAttention } from './multi-head-attention.ts'
import { readTransformerOptions, residual, type TransformerLayerOptions } from './transformer-layer.ts'

/** Which positions of the target and of the memory are left out; see `MultiHeadAttentionCall`. */
export interface DecoderCall {
  /** `[T, T]` or `[N · nhead, T, T]`: bool, true where a position must not attend to another; or float, added. */
  tgtMask?: Tensor | undefined
  /** `[T, S]` or `[N · nhead, T, S]`, the same for positions of the memory. */
  memoryMask?: Tensor | undefined
  /** `[N, T]`: bool, true where a position of the target is padding; or float, added. */
  tgtKeyPaddingMask?: Tensor | undefined
  /** `[N, S]`, the same for positions of the memory. */
  memoryKeyPaddingMask?: Tensor | undefined
  /** Whether position i of the target attends to its positions 0 … i alone; default false. */
  tgtIsCausal?: boolean | undefined
  /** Whether position i of the target attends to positions 0 … i of the memory alone; default false. */
  memoryIsCausal?: boolean | undefined
}

/**
 * A layer of a Transformer's decoder: self-attention, attention to what the encoder gave, then a feed-forward
 * network, each with a residual connection and a layer norm. PyTorch's `nn.TransformerDecoderLayer`:
 * `self_attn`, `multihead_attn`, `linear1`, `linear2`, `norm1`, `norm2`, `norm3`.
 *
 * @see Vaswani et al. 2017, arXiv:1706.03762; Xiong et al. 2020 for norms that come first, arXiv:2002.04745
 */
export class TransformerDecoderLayer extends Module {
  readonly selfAttn: MultiHeadAttention
  readonly multiheadAttn: MultiHeadAttention
  readonly linear1: Linear
  readonly dropout: Dropout
  readonly linear2: Linear
  readonly norm1: LayerNorm
  readonly norm2: LayerNorm
  readonly norm3: LayerNorm
  readonly dropout1: Dropout
  readonly dropout2: Dropout
  readonly dropout3: Dropout
  readonly normFirst: boolean
  readonly #activation: (x: Tensor) => Tensor

  /** @throws ValueError when a size is not an integer ≥ 1, `nhead` does not divide `dModel`, or an option is unknown */
  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super()
    const read = readTransformerOptions('TransformerDecoderLayer', dModel, options)
    const drop = (): Dropout => new Dropout(read.dropout, read.stream)
    this.selfAttn = new MultiHeadAttention(dModel, nhead, read.attention)
    this.multiheadAttn = new MultiHeadAttention(dModel, nhead, read.attention)
    this.linear1 = new Linear(dModel, read.dimFeedforward, read.affine)
    this.dropout = drop()
    this.linear2 = new Linear(read.dimFeedforward, dModel, read.affine)
    this.norm1 = new LayerNorm(dModel, read.norm)
    this.norm2 = new LayerNorm(dModel, read.norm)
    this.norm3 = new LayerNorm(dModel, read.norm)
    this.dropout1 = drop()
    this.dropout2 = drop()
    this.dropout3 = drop()
    this.normFirst = read.normFirst
    this.#activation = read.activation
  }

  /**
   * @param tgt `[T, N, dModel]`, or `[N, T, dModel]` if `batchFirst`
   * @param memory what the encoder gave, `[S, N, dModel]` or `[N, S, dModel]`
   * @param options
   * @returns the shape of `tgt`
   * @throws ShapeError when shapes do not fit; DTypeError when a mask is neither bool nor float
   */
  forward(tgt: Tensor, memory: Tensor, options: DecoderCall = {}): Tensor {
    const { normFirst } = this
    const within = {
      attnMask: options.tgtMask,
      keyPaddingMask: options.tgtKeyPaddingMask,
      isCausal: options.tgtIsCausal,
    }
    const across = {
      attnMask: options.memoryMask,
      keyPaddingMask: options.memoryKeyPaddingMask,
      isCausal: options.memoryIsCausal,
    }
    const attended = residual(tgt, this.norm1, normFirst, (x) =>
      this.dropout1.forward(this.selfAttn.forward(x, x, x, within)[0]),
    )
    const informed = residual(attended, this.norm2, normFirst, (x) =>
      this.dropout2.forward(this.multiheadAttn.forward(x, memory, memory, across)[0]),
    )
    return residual(informed, this.norm3, normFirst, (x) => {
      const hidden = this.dropout.forward(this.#activation(this.linear1.forward(x)))
      return this.dropout3.forward(this.linear2.forward(hidden))
    })
  }

  override toString(): string {
    return 'TransformerDecoderLayer'
  }
}
