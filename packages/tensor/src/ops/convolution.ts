import { isFloat, promote } from '../dtype.ts'
import { DTypeError, ShapeError, ValueError } from '../errors.ts'
import type { ConvolutionGeometry } from '../graph/geometry.ts'
import { wrap } from '../graph/handle.ts'
import { convolutionNode } from '../graph/image-nodes.ts'
import type { Node } from '../graph/node.ts'
import { bringImageKernels } from '../image-kernels.ts'
import { checkInteger, pair, type PairLike, type Shape, show } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { castNode, nodeOf, reshapeNode, type TensorLike } from './operand.ts'

/** Sizes of a convolution; a pair is `[height, width]`. */
export interface Conv2dOptions {
  /** How far the kernel moves; default 1. */
  readonly stride?: PairLike
  /**
   * Zeros put around the image, in pixels; default 0. `'valid'` is 0; `'same'` keeps the size of the image
   * (an odd pixel goes below and to the right) and needs stride 1.
   */
  readonly padding?: PairLike | 'same' | 'valid'
  /** Distance between the taps of the kernel; default 1. */
  readonly dilation?: PairLike
  /** Into how many groups the channels fall, each convolved by itself; default 1. */
  readonly groups?: number
}

/** Sizes of a one-dimensional convolution, as those of `Conv2dOptions`. */
export interface Conv1dOptions {
  readonly stride?: number
  readonly padding?: number | 'same' | 'valid'
  readonly dilation?: number
  readonly groups?: number
}

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

function convolutionOperands(
  operation: string,
  input: TensorLike,
  weight: TensorLike,
  rank: number,
): [Node, Node] {
  const x = nodeOf(operation, input)
  const w = nodeOf(operation, weight)
  if (x.shape.length !== rank)
    throw new ShapeError(`${operation}: input must have rank ${rank}: ${show(x.shape)}`)
  if (w.shape.length !== rank)
    throw new ShapeError(`${operation}: weight must have rank ${rank}: ${show(w.shape)}`)
  if (!isFloat(x.dtype) || !isFloat(w.dtype)) {
    throw new DTypeError(`${operation}: input and weight must be of a float type: ${x.dtype} and ${w.dtype}`)
  }
  const dtype = promote(x.dtype, w.dtype)
  return [castNode(x, dtype), castNode(w, dtype)]
}

function convolution(operation: string, x: Node, w: Node, options: Conv2dOptions): Node {
  bringImageKernels()
  return convolutionNode('forward', geometryOf(operation, x.shape, w.shape, options), x, w)
}

function geometryOf(operation: string, x: Shape, w: Shape, options: Conv2dOptions): ConvolutionGeometry {
  const [batch, inputChannels, inputHeight, inputWidth] = x as [number, number, number, number]
  const [outputChannels, groupChannels, kernelHeight, kernelWidth] = w as [number, number, number, number]
  const groups = checkInteger(operation, 'groups', options.groups ?? 1, 1)
  const [strideHeight, strideWidth] = pair(operation, 'stride', options.stride ?? 1, 1)
  const [dilationHeight, dilationWidth] = pair(operation, 'dilation', options.dilation ?? 1, 1)
  const shapes = `input ${show(x)}, weight ${show(w)}`
  if (inputChannels !== groupChannels * groups) {
    throw new ShapeError(
      `${operation}: channels differ: input has ${inputChannels}, weight takes ${groupChannels}` +
        `${groups === 1 ? '' : ` in each of ${groups} groups`}: ${shapes}`,
    )
  }
  if (outputChannels % groups !== 0) {
    throw new ShapeError(
      `${operation}: ${outputChannels} output channels do not divide into ${groups} groups: ${shapes}`,
    )
  }
  if (kernelHeight === 0 || kernelWidth === 0)
    throw new ShapeError(`${operation}: the kernel is empty: ${shapes}`)
  const taps = [dilationHeight * (kernelHeight - 1) + 1, dilationWidth * (kernelWidth - 1) + 1] as const
  const [[top, bottom], [left, right]] = paddings(operation, options.padding ?? 0, taps, [
    strideHeight,
    strideWidth,
  ])
  const roomHeight = top + inputHeight + bottom - taps[0]
  const roomWidth = left + inputWidth + right - taps[1]
  if (roomHeight < 0 || roomWidth < 0) {
    throw new ShapeError(
      `${operation}: the kernel exceeds the padded input: ${show(taps)} over ` +
        `${show([top + inputHeight + bottom, left + inputWidth + right])}: ${shapes}`,
    )
  }
  return {
    batch,
    groups,
    inputChannels,
    outputChannels,
    inputHeight,
    inputWidth,
    kernelHeight,
    kernelWidth,
    outputHeight: Math.floor(roomHeight / strideHeight) + 1,
    outputWidth: Math.floor(roomWidth / strideWidth) + 1,
    strideHeight,
    strideWidth,
    dilationHeight,
    dilationWidth,
    paddingTop: top,
    paddingLeft: left,
  }
}

/** `[[top, bottom], [left, right]]`. */
function paddings(
  operation: string,
  padding: NonNullable<Conv2dOptions['padding']>,
  taps: readonly [number, number],
  stride: readonly [number, number],
): [[number, number], [number, number]] {
  if (padding === 'valid')
    return [
      [0, 0],
      [0, 0],
    ]
  if (padding === 'same') {
    if (stride[0] !== 1 || stride[1] !== 1)
      throw new ValueError(`${operation}: padding 'same' needs stride 1: ${show(stride)}`)
    const around = (extent: number): [number, number] => [
      Math.floor((extent - 1) / 2),
      Math.ceil((extent - 1) / 2),
    ]
    return [around(taps[0]), around(taps[1])]
  }
  if (typeof padding === 'string')
    throw new ValueError(`${operation}: padding must be 'same', 'valid' or pixels: '${padding}'`)
  const [height, width] = pair(operation, 'padding', padding, 0)
  return [
    [height, height],
    [width, width],
  ]
}
