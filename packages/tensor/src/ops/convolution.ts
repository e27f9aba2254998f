import { wrap } from '../graph/handle.ts'
import { convolutionNode } from '../graph/image-nodes.ts'
import type { Node } from '../graph/node.ts'
import { bringImageKernels } from '../image-kernels.ts'
import { checkInteger, pair, type PairLike } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import {
  convolutionAxes,
  convolutionGeometry,
  convolutionOperands,
  type ConvolutionOptions,
} from './convolution-sizes.ts'
import { reshapeNode, type TensorLike } from './operand.ts'

/** Sizes of a convolution; a pair is `[height, width]`. */
export interface Conv2dOptions extends ConvolutionOptions<PairLike> {}

/** Sizes of a one-dimensional convolution, as those of `Conv2dOptions`. */
export interface Conv1dOptions extends ConvolutionOptions<number> {}

/**
 * 2-D convolution (cross-correlation) of images.
 *
 * The `wasm` backend computes most 3×3 convolutions of stride 1 and 2, and forward 7×7 ones of stride 2, by
 * Winograd's minimal filtering: with errors of up to 2.1e-5 of the largest result (512 channels; 7×7 of 3
 * channels: 2.1e-6), and a value that is not finite spreads to the tiles of results around it, 4 × 4 (8 × 8 in
 * the input gradient of stride 2, 3 × 3 for 7×7). `configure({ convolutionAlgorithm: 'direct' })` avoids both.
 *
 * @param input  `[N, C, H, W]`
 * @param weight `[O, C / groups, KH, KW]`
 * @returns `[N, O, OH, OW]`, `OH = ⌊(H + 2·padding − dilation·(KH − 1) − 1) / stride⌋ + 1`
 * @throws ShapeError when a rank is not 4, `C ≠ weight.shape[1] · groups`, `groups` does not divide O, or
 *   the kernel is larger than the padded image
 * @throws DTypeError when an operand is not of a float type
 * @throws ValueError when a stride, padding or dilation is no integer in its range
 * @example
 * ```ts
 * const images = randomNormal([8, 3, 32, 32])
 * const filters = randomNormal([16, 3, 5, 5])
 * conv2d(images, filters).shape // [8, 16, 28, 28]
 * conv2d(images, filters, { stride: 2, padding: 2 }).shape // [8, 16, 16, 16]
 * ```
 * @see Dumoulin & Visin 2016, arXiv:1603.07285
 * @see Lavin & Gray 2015, arXiv:1509.09308
 */
export function conv2d(input: TensorLike, weight: TensorLike, options: Conv2dOptions = {}): Tensor {
  const [x, w] = convolutionOperands('conv2d', input, weight, 4)
  return wrap(convolution('conv2d', x, w, options))
}

/**
 * 1-D convolution (cross-correlation) of sequences.
 *
 * @param input  `[N, C, L]`
 * @param weight `[O, C / groups, K]`
 * @returns `[N, O, OL]`, `OL = ⌊(L + 2·padding − dilation·(K − 1) − 1) / stride⌋ + 1`
 * @throws ShapeError, DTypeError, ValueError as `conv2d`
 */
export function conv1d(input: TensorLike, weight: TensorLike, options: Conv1dOptions = {}): Tensor {
  const [x, w] = convolutionOperands('conv1d', input, weight, 3)
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options
  const flat = {
    stride: row('stride', stride),
    dilation: row('dilation', dilation),
    groups,
    padding: rowPadding(padding),
  }
  const image = convolution('conv1d', asImage(x), asImage(w), flat)
  return wrap(reshapeNode(image, image.shape.toSpliced(2, 1)))
}

/** `[N, C, L]` as an image of one row. */
function asImage(x: Node): Node {
  return reshapeNode(x, x.shape.toSpliced(2, 0, 1))
}

function row(what: string, value: number): [number, number] {
  return [1, checkInteger('conv1d', what, value, 1)]
}

function rowPadding(padding: number | 'same' | 'valid'): [number, number] | 'same' | 'valid' {
  return typeof padding === 'string' ? padding : [0, checkInteger('conv1d', 'padding', padding, 0)]
}

function convolution(operation: string, x: Node, w: Node, options: Conv2dOptions): Node {
  bringImageKernels()
  const [rows, columns] = convolutionAxes(operation, x.shape, w.shape, options, pair)
  const [batch, inputChannels] = x.shape as [number, number]
  const channels = { batch, groups: options.groups ?? 1, inputChannels, outputChannels: w.shape[0]! }
  return convolutionNode('forward', convolutionGeometry(channels, rows!, columns!), x, w)
}
