// What the layers of a Transformer's encoder and decoder share.
import { relu } from '@badak/tensor'
import type { Generator, Tensor } from '@badak/tensor'
import { xavierUniform, type Initializer } from '@badak/initializers'
import { gelu } from '../activations/gelu.ts'
import { checkChoice, checkCount } from '../arguments.ts'
import type { Layer } from '../module/layer.ts'

/** How a layer of a Transformer is built. */
export interface TransformerLayerOptions {
  /** Features between the two layers of the feed-forward network; default 2048. */
  dimFeedforward?: number
  /** Probability that an output of a block, an activation or an attention weight is dropped; default 0.1. */
  dropout?: number
  /** Of the feed-forward network; default `relu`. */
  activation?: 'relu' | 'gelu'
  /** Added to the variances of the layer norms; default 1e-5. */
  layerNormEps?: number
  /** Whether tensors are `[N, T, …]`; default false, as in PyTorch: `[T, N, …]`. */
  batchFirst?: boolean
  /** Whether a block normalises what goes into it, not the sum that comes out of it; default false. */
  normFirst?: boolean
  /** Whether there are biases, initially 0; default true. */
  bias?: boolean
  /** First value of the weights; default `xavierUniform`, as in PyTorch's `nn.Transformer`. */
  init?: Initializer
  /** The stream that decides what is dropped; default the one that `seed` sets. */
  generator?: Generator
}

/** @throws ValueError when an option is unknown or out of its range, by the one that `name`s the layer */
export function readTransformerOptions(name: string, dModel: number, options: TransformerLayerOptions) {
  const { dimFeedforward = 2048, dropout = 0.1, activation = 'relu', layerNormEps: eps = 1e-5 } = options
  const { batchFirst = false, normFirst = false, bias = true, init = xavierUniform } = options
  checkCount(name, 'dModel', dModel)
  checkCount(name, 'dimFeedforward', dimFeedforward)
  checkChoice(name, 'activation', activation, ['relu', 'gelu'])
  const stream = options.generator ? { generator: options.generator } : {}
  return {
    dimFeedforward,
    dropout,
    activation: activation === 'relu' ? relu : (x: Tensor) => gelu(x),
    normFirst,
    stream,
    affine: { bias, init },
    norm: { eps, bias },
    attention: { dropout, bias, batchFirst, init, ...stream },
  }
}

/** A block and what goes past it: x + block(norm(x)), or norm(x + block(x)). */
export function residual(x: Tensor, norm: Layer, normFirst: boolean, block: (x: Tensor) => Tensor): Tensor {
  return normFirst ? x.add(block(norm.forward(x))) : norm.forward(x.add(block(x)))
}
