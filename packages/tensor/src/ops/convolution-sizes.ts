import { isFloat, promote } from '../dtype.ts'
import { DTypeError, ShapeError, ValueError } from '../errors.ts'
import type { ConvolutionGeometry } from '../graph/geometry.ts'
import type { Node } from '../graph/node.ts'
import { checkInteger, type Shape, show } from '../shape.ts'
import { castNode, nodeOf, type TensorLike } from './operand.ts'

/** Sizes of a convolution, as users give them; `Size` is a number, or also one number per side. */
export interface ConvolutionOptions<Size> {
  /** How far the kernel moves; default 1. */
  readonly stride?: Size
  /**
   * Zeros put around the image, in pixels; default 0. `'valid'` is 0; `'same'` keeps the size of the image
   * (an odd pixel goes after it) and needs stride 1.
   */
  readonly padding?: Size | 'same' | 'valid'
  /** Distance between the taps of the kernel; default 1. */
  readonly dilation?: Size
  /** Into how many groups the channels fall, each convolved by itself; default 1. */
  readonly groups?: number
}

/** One axis along which a kernel slides. */
export interface ConvolutionAxis {
  readonly input: number
  readonly kernel: number
  readonly output: number
  readonly stride: number
  readonly dilation: number
  /** Zeros before the first element, and after the last one. */
  readonly before: number
  readonly after: number
}

/** Reads one size per axis. @throws ValueError */
export type SizeReader<Size> = (
  operation: string,
  what: string,
  size: Size,
  least: number,
) => readonly number[]

/** Input and weight in their common type. @throws ShapeError, DTypeError */
export function convolutionOperands(
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

/** How a kernel `w` slides over `x`, axis by axis. @throws ShapeError, ValueError */
export function convolutionAxes<Size extends number | readonly number[]>(
  operation: string,
  x: Shape,
  w: Shape,
  options: ConvolutionOptions<Size>,
  read: SizeReader<Size>,
): ConvolutionAxis[] {
  const groups = checkInteger(operation, 'groups', options.groups ?? 1, 1)
  const stride = read(operation, 'stride', options.stride ?? (1 as Size), 1)
  const dilation = read(operation, 'dilation', options.dilation ?? (1 as Size), 1)
  const shapes = `input ${show(x)}, weight ${show(w)}`
  checkChannels(operation, x, w, groups, shapes)
  const [sizes, kernel] = [x.slice(2), w.slice(2)]
  if (kernel.includes(0)) throw new ShapeError(`${operation}: the kernel is empty: ${shapes}`)
  const taps = kernel.map((size, axis) => dilation[axis]! * (size - 1) + 1)
  const padding = paddings(operation, options.padding ?? (0 as Size), taps, stride, read)
  const padded = sizes.map((size, axis) => padding[axis]![0] + size + padding[axis]![1])
  if (padded.some((size, axis) => size < taps[axis]!)) {
    throw new ShapeError(
      `${operation}: the kernel exceeds the padded input: ${show(taps)} over ${show(padded)}: ${shapes}`,
    )
  }
  return sizes.map((input, axis) => ({
    input,
    kernel: kernel[axis]!,
    output: Math.floor((padded[axis]! - taps[axis]!) / stride[axis]!) + 1,
    stride: stride[axis]!,
    dilation: dilation[axis]!,
    before: padding[axis]![0],
    after: padding[axis]![1],
  }))
}

function checkChannels(operation: string, x: Shape, w: Shape, groups: number, shapes: string): void {
  if (x[1] !== w[1]! * groups) {
    throw new ShapeError(
      `${operation}: channels differ: input has ${x[1]}, weight takes ${w[1]}` +
        `${groups === 1 ? '' : ` in each of ${groups} groups`}: ${shapes}`,
    )
  }
  if (w[0]! % groups !== 0) {
    throw new ShapeError(
      `${operation}: ${w[0]} output channels do not divide into ${groups} groups: ${shapes}`,
    )
  }
}

/** `[before, after]` for each axis. */
function paddings<Size extends number | readonly number[]>(
  operation: string,
  padding: Size | 'same' | 'valid',
  taps: readonly number[],
  stride: readonly number[],
  read: SizeReader<Size>,
): [before: number, after: number][] {
  if (padding === 'valid') return taps.map(() => [0, 0])
  if (padding === 'same') {
    if (stride.some((step) => step !== 1))
      throw new ValueError(`${operation}: padding 'same' needs stride 1: ${show(stride)}`)
    return taps.map((extent) => [Math.floor((extent - 1) / 2), Math.ceil((extent - 1) / 2)])
  }
  if (typeof padding === 'string')
    throw new ValueError(`${operation}: padding must be 'same', 'valid' or pixels: '${padding}'`)
  return read(operation, 'padding', padding, 0).map((size) => [size, size])
}

/** The convolution that slides over the rows and columns of `inputChannels` planes. */
export function convolutionGeometry(
  channels: Pick<ConvolutionGeometry, 'batch' | 'groups' | 'inputChannels' | 'outputChannels'>,
  rows: ConvolutionAxis,
  columns: ConvolutionAxis,
): ConvolutionGeometry {
  return {
    ...channels,
    inputHeight: rows.input,
    inputWidth: columns.input,
    kernelHeight: rows.kernel,
    kernelWidth: columns.kernel,
    outputHeight: rows.output,
    outputWidth: columns.output,
    strideHeight: rows.stride,
    strideWidth: columns.stride,
    dilationHeight: rows.dilation,
    dilationWidth: columns.dilation,
    paddingTop: rows.before,
    paddingLeft: columns.before,
  }
}
