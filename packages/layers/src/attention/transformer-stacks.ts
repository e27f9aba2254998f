import { ValueError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkEntry } from '../containers/entries.ts'
import type { Layer } from '../module/layer.ts'
import { Module } from '../module/module.ts'
import type { DecoderCall, TransformerDecoderLayer } from './transformer-decoder-layer.ts'
import type { EncoderCall, TransformerEncoderLayer } from './transformer-encoder-layer.ts'

/** What follows the last layer. */
export interface TransformerStackOptions {
  /** A layer norm, which layers with `normFirst` need; default none. */
  norm?: Layer
}

/**
 * Layers of an encoder, one after the other: `layers.0`, `layers.1` …, and `norm`. PyTorch's
 * `nn.TransformerEncoder`, whose layers all begin as copies of one; these begin as they are given.
 *
 * @example
 * ```ts
 * const layers = Array.from({ length: 6 }, () => new TransformerEncoderLayer(512, 8))
 * new TransformerEncoder(layers).forward(randomNormal([10, 32, 512])) // [10, 32, 512]
 * ```
 */
export class TransformerEncoder extends Module {
  readonly layers: readonly TransformerEncoderLayer[]
  readonly norm?: Layer

  /** @throws ValueError when there are no layers, or something is not a module */
  constructor(layers: readonly TransformerEncoderLayer[], { norm }: TransformerStackOptions = {}) {
    super()
    this.layers = checkLayers('TransformerEncoder', layers, norm)
    if (norm) this.norm = norm
  }

  /**
   * @param src `[T, N, dModel]`, or `[N, T, dModel]` if the layers are `batchFirst`
   * @param options masks, for every layer
   * @returns the shape of `src`
   * @throws ShapeError when shapes do not fit; DTypeError when a mask is neither bool nor float
   */
  forward(src: Tensor, options: EncoderCall = {}): Tensor {
    const output = this.layers.reduce((x, layer) => layer.forward(x, options), src)
    return this.norm ? this.norm.forward(output) : output
  }

  override toString(): string {
    return 'TransformerEncoder'
  }
}

/**
 * Layers of a decoder, one after the other: `layers.0`, `layers.1` …, and `norm`. PyTorch's
 * `nn.TransformerDecoder`, whose layers all begin as copies of one; these begin as they are given.
 */
export class TransformerDecoder extends Module {
  readonly layers: readonly TransformerDecoderLayer[]
  readonly norm?: Layer

  /** @throws ValueError when there are no layers, or something is not a module */
  constructor(layers: readonly TransformerDecoderLayer[], { norm }: TransformerStackOptions = {}) {
    super()
    this.layers = checkLayers('TransformerDecoder', layers, norm)
    if (norm) this.norm = norm
  }

  /**
   * @param tgt `[T, N, dModel]`, or `[N, T, dModel]` if the layers are `batchFirst`
   * @param memory what the encoder gave, `[S, N, dModel]` or `[N, S, dModel]`
   * @param options masks, for every layer
   * @returns the shape of `tgt`
   * @throws ShapeError when shapes do not fit; DTypeError when a mask is neither bool nor float
   */
  forward(tgt: Tensor, memory: Tensor, options: DecoderCall = {}): Tensor {
    const output = this.layers.reduce((x, layer) => layer.forward(x, memory, options), tgt)
    return this.norm ? this.norm.forward(output) : output
  }

  override toString(): string {
    return 'TransformerDecoder'
  }
}

function checkLayers<M extends Module>(stack: string, layers: readonly M[], norm?: Layer): readonly M[] {
  if (layers.length === 0) throw new ValueError(`${stack}: there are no layers`)
  for (const [k, layer] of layers.entries()) checkEntry(stack, String(k), layer)
  if (norm) checkEntry(stack, 'norm', norm)
  return [...layers]
}
