import { ShapeError, ValueError } from '../errors.ts'
import { wrap } from '../graph/handle.ts'
import { convolutionNode } from '../graph/image-nodes.ts'
import type { Node } from '../graph/node.ts'
import { bringImageKernels } from '../image-kernels.ts'
import { checkInteger, pair, type PairLike, type Shape, show, triple, type TripleLike } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { add } from './arithmetic.ts'
import { isPoint, pointAxis } from './convolution3d.ts'
import {
  type ConvolutionAxis,
  convolutionGeometry,
  convolutionOperands,
  type SizeReader,
} from './convolution-sizes.ts'
import { dilate } from './dilate.ts'
import { reshapeNode, type TensorLike } from './operand.ts'
import { pad } from './pad.ts'
import { permute } from './permute.ts'
import { slice } from './slice.ts'

/** Sizes of a transposed convolution, those of the convolution that it transposes. */
export interface ConvTransposeOptions<Size> {
  /** Distance between the places to which neighbours go; default 1. */
  readonly stride?: Size
  /** Pixels cut off on each side of the result; default 0. */
  readonly padding?: Size
  /**
   * Pixels added after the result, below stride or dilation: a convolution of stride s gives s images the
   * same size, and this says which of them is meant. Default 0.
   */
  readonly outputPadding?: Size
  /** Distance between the taps of the kernel; default 1. */
  readonly dilation?: Size
  /** Into how many groups the channels fall, each convolved by itself; default 1. */
  readonly groups?: number
}

/** Sizes of a one-dimensional transposed convolution. */
export interface ConvTranspose1dOptions extends ConvTransposeOptions<number> {}

/** Sizes of a two-dimensional transposed convolution; a pair is `[height, width]`. */
export interface ConvTranspose2dOptions extends ConvTransposeOptions<PairLike> {}

/** Sizes of a three-dimensional transposed convolution; a triple is `[depth, height, width]`. */
export interface ConvTranspose3dOptions extends ConvTransposeOptions<TripleLike> {}

/**
 * 2-D transposed convolution: each pixel puts a kernel, weighted by its value, into the result. It is the
 * gradient of `conv2d` with respect to its input, and runs on the same kernels.
 *
 * @param input  `[N, C, H, W]`
 * @param weight `[C, O / groups, KH, KW]`
 * @returns `[N, O, OH, OW]`,
 *   `OH = (H − 1)·stride − 2·padding + dilation·(KH − 1) + outputPadding + 1`
 * @throws ShapeError when a rank is not 4, the channels differ, `groups` does not divide them, or nothing of
 *   the result is left
 * @throws DTypeError when an operand is not of a float type
 * @throws ValueError when a size is no integer in its range, or `outputPadding` is neither below the stride
 *   nor the dilation
 * @example
 * ```ts
 * const images = randomNormal([8, 16, 14, 14])
 * convTranspose2d(images, randomNormal([16, 3, 4, 4]), { stride: 2, padding: 1 }).shape // [8, 3, 28, 28]
 * ```
 * @see Dumoulin & Visin 2016, arXiv:1603.07285
 */
export function convTranspose2d(
  input: TensorLike,
  weight: TensorLike,
  options: ConvTranspose2dOptions = {},
): Tensor {
  const [x, w] = convolutionOperands('convTranspose2d', input, weight, 4)
  const [rows, columns] = transposedAxes('convTranspose2d', x.shape, w.shape, options, pair)
  return wrap(transposed(x, w, rows!, columns!, options.groups))
}

/**
 * 1-D transposed convolution of sequences.
 *
 * @param input  `[N, C, L]`
 * @param weight `[C, O / groups, K]`
 * @returns `[N, O, OL]`, `OL = (L − 1)·stride − 2·padding + dilation·(K − 1) + outputPadding + 1`
 * @throws ShapeError, DTypeError, ValueError as `convTranspose2d`
 */
export function convTranspose1d(
  input: TensorLike,
  weight: TensorLike,
  options: ConvTranspose1dOptions = {},
): Tensor {
  const [x, w] = convolutionOperands('convTranspose1d', input, weight, 3)
  const [columns] = transposedAxes('convTranspose1d', x.shape, w.shape, options, one)
  const asImage = (node: Node): Node => reshapeNode(node, node.shape.toSpliced(2, 0, 1))
  const image = transposed(asImage(x), asImage(w), pointAxis(1), columns!, options.groups)
  return wrap(reshapeNode(image, image.shape.toSpliced(2, 1)))
}

/**
 * 3-D transposed convolution of volumes or videos, the gradient of `conv3d` with respect to its input.
 *
 * @param input  `[N, C, D, H, W]`
 * @param weight `[C, O / groups, KD, KH, KW]`
 * @returns `[N, O, OD, OH, OW]`,
 *   `OD = (D − 1)·stride − 2·padding + dilation·(KD − 1) + outputPadding + 1`
 * @throws ShapeError, DTypeError, ValueError as `convTranspose2d`
 */
export function convTranspose3d(
  input: TensorLike,
  weight: TensorLike,
  options: ConvTranspose3dOptions = {},
): Tensor {
  const [x, w] = convolutionOperands('convTranspose3d', input, weight, 5)
  const axes = transposedAxes('convTranspose3d', x.shape, w.shape, options, triple)
  const [depth, rows, columns] = axes as [ConvolutionAxis, ConvolutionAxis, ConvolutionAxis]
  const [N, C, D, H, W] = x.shape as [number, number, number, number, number]
  const [, perGroup, KD] = w.shape as [number, number, number]
  const { groups = 1 } = options
  const O = perGroup * groups
  if (isPoint(rows) && isPoint(columns)) {
    const kernel = reshapeNode(w, [C, perGroup, KD, 1])
    const image = transposed(reshapeNode(x, [N, C, D, H * W]), kernel, depth, pointAxis(H * W), groups)
    return wrap(reshapeNode(image, [N, O, depth.input, H, W]))
  }
  // Frame by frame, with the KD frames that each one gives as channels …
  const frames = reshapeNode(permute(wrap(x), [0, 2, 1, 3, 4]).node, [N * D, C, H, W])
  const kernel = reshapeNode(w, [C, perGroup * KD, ...w.shape.slice(3)])
  const images = transposed(frames, kernel, rows, columns, groups)
  const given = reshapeNode(images, [N, D, O, KD, rows.input, columns.input])
  return mergeFrames(permute(wrap(given), [3, 0, 2, 1, 4, 5]), depth)
}

/** … which then add up where they meet: `[KD, N, O, D, H, W]` to `[N, O, OD, H, W]`. */
function mergeFrames(given: Tensor, { input, kernel, stride, dilation, before }: ConvolutionAxis): Tensor {
  const none = [0, 0] as const
  const frames = Array.from({ length: kernel }, (_, k) => {
    const apart = dilate(slice(given, [k]), stride, { axis: 2 })
    const first = k * dilation
    // The result and the padding before it; what lies after it falls away below.
    const after = Math.max(0, before + input - first - apart.shape[2]!)
    const placed = pad(apart, [none, none, [first, after], none, none])
    return slice(placed, [undefined, undefined, [before, before + input]])
  })
  return frames.reduce((a, b) => add(a, b))
}

function transposed(x: Node, w: Node, rows: ConvolutionAxis, columns: ConvolutionAxis, groups = 1): Node {
  bringImageKernels()
  const [batch, outputChannels] = x.shape as [number, number]
  const channels = { batch, groups, inputChannels: w.shape[1]! * groups, outputChannels }
  return convolutionNode('inputGradient', convolutionGeometry(channels, rows, columns), x, w)
}

const one: SizeReader<number> = (operation, what, size, least) => [checkInteger(operation, what, size, least)]

/**
 * The axes of the convolution that is transposed: its input is the result, its output is `x`.
 *
 * @throws ShapeError, ValueError
 */
function transposedAxes<Size extends number | readonly number[]>(
  operation: string,
  x: Shape,
  w: Shape,
  options: ConvTransposeOptions<Size>,
  read: SizeReader<Size>,
): ConvolutionAxis[] {
  const groups = checkInteger(operation, 'groups', options.groups ?? 1, 1)
  const stride = read(operation, 'stride', options.stride ?? (1 as Size), 1)
  const padding = read(operation, 'padding', options.padding ?? (0 as Size), 0)
  const dilation = read(operation, 'dilation', options.dilation ?? (1 as Size), 1)
  const extra = read(operation, 'outputPadding', options.outputPadding ?? (0 as Size), 0)
  checkTransposed(operation, x, w, groups)
  if (extra.some((size, axis) => size >= Math.max(stride[axis]!, dilation[axis]!))) {
    throw new ValueError(
      `${operation}: outputPadding must be below stride or dilation: ` +
        `${show(extra)} for stride ${show(stride)}, dilation ${show(dilation)}`,
    )
  }
  const axes = x.slice(2).map((output, axis): ConvolutionAxis => {
    const kernel = w[axis + 2]!
    const full = (output - 1) * stride[axis]! + dilation[axis]! * (kernel - 1) + 1
    const before = padding[axis]!
    return {
      input: full - 2 * before + extra[axis]!,
      kernel,
      output,
      stride: stride[axis]!,
      dilation: dilation[axis]!,
      before,
      after: before,
    }
  })
  if (axes.some(({ input }) => input < 1)) {
    throw new ShapeError(
      `${operation}: nothing is left of the result: ${show(axes.map(({ input }) => input))}: ` +
        `input ${show(x)}, weight ${show(w)}, padding ${show(padding)}`,
    )
  }
  return axes
}

function checkTransposed(operation: string, x: Shape, w: Shape, groups: number): void {
  const shapes = `input ${show(x)}, weight ${show(w)}`
  if (x[1] !== w[0]) {
    throw new ShapeError(`${operation}: channels differ: input has ${x[1]}, weight takes ${w[0]}: ${shapes}`)
  }
  if (x[1]! % groups !== 0) {
    throw new ShapeError(
      `${operation}: ${x[1]} input channels do not divide into ${groups} groups: ${shapes}`,
    )
  }
  if (w.includes(0, 2)) throw new ShapeError(`${operation}: the kernel is empty: ${shapes}`)
  if (x.includes(0, 2)) throw new ShapeError(`${operation}: the input is empty: ${shapes}`)
}
