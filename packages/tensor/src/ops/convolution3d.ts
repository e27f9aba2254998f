import { wrap } from '../graph/handle.ts'
import { convolutionNode } from '../graph/image-nodes.ts'
import type { Node } from '../graph/node.ts'
import { bringImageKernels } from '../image-kernels.ts'
import { triple, type TripleLike } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { stack } from './concat.ts'
import {
  type ConvolutionAxis,
  convolutionAxes,
  convolutionGeometry,
  convolutionOperands,
  type ConvolutionOptions,
} from './convolution-sizes.ts'
import { reshapeNode, type TensorLike } from './operand.ts'
import { pad } from './pad.ts'
import { permute } from './permute.ts'
import { slice } from './slice.ts'

/** Sizes of a three-dimensional convolution; a triple is `[depth, height, width]`. */
export interface Conv3dOptions extends ConvolutionOptions<TripleLike> {}

/**
 * 3-D convolution (cross-correlation) of volumes or videos.
 *
 * It is the two-dimensional one over frames: the KD frames under the kernel lie side by side as channels,
 * which takes KD times the memory of the input. A kernel of `[KD, 1, 1]` needs no such copy.
 *
 * @param input  `[N, C, D, H, W]`
 * @param weight `[O, C / groups, KD, KH, KW]`
 * @returns `[N, O, OD, OH, OW]`, `OD = ⌊(D + 2·padding − dilation·(KD − 1) − 1) / stride⌋ + 1`
 * @throws ShapeError when a rank is not 5, `C ≠ weight.shape[1] · groups`, `groups` does not divide O, or
 *   the kernel is larger than the padded volume
 * @throws DTypeError when an operand is not of a float type
 * @throws ValueError when a stride, padding or dilation is no integer in its range
 * @example
 * ```ts
 * const video = randomNormal([1, 3, 8, 32, 32])
 * conv3d(video, randomNormal([16, 3, 3, 3, 3]), { padding: 1 }).shape // [1, 16, 8, 32, 32]
 * ```
 */
export function conv3d(input: TensorLike, weight: TensorLike, options: Conv3dOptions = {}): Tensor {
  bringImageKernels()
  const [x, w] = convolutionOperands('conv3d', input, weight, 5)
  const axes = convolutionAxes('conv3d', x.shape, w.shape, options, triple)
  const [depth, rows, columns] = axes as [ConvolutionAxis, ConvolutionAxis, ConvolutionAxis]
  const { groups = 1 } = options
  return isPoint(rows) && isPoint(columns)
    ? wrap(alongDepth(x, w, depth, groups))
    : overFrames(x, w, [depth, rows, columns], groups)
}

/** Whether nothing but the element itself is looked at along an axis. */
export function isPoint({ kernel, stride, before, after }: ConvolutionAxis): boolean {
  return kernel === 1 && stride === 1 && before === 0 && after === 0
}

/** An axis of `size` elements, each of which is convolved by itself. */
export function pointAxis(size: number): ConvolutionAxis {
  return { input: size, kernel: 1, output: size, stride: 1, dilation: 1, before: 0, after: 0 }
}

/** A kernel that sees one pixel of each frame: frames become rows. */
function alongDepth(x: Node, w: Node, depth: ConvolutionAxis, groups: number): Node {
  const [batch, inputChannels, D, H, W] = x.shape as [number, number, number, number, number]
  const outputChannels = w.shape[0]!
  const channels = { batch, groups, inputChannels, outputChannels }
  const geometry = convolutionGeometry(channels, depth, pointAxis(H * W))
  const image = reshapeNode(x, [batch, inputChannels, D, H * W])
  const kernel = reshapeNode(w, [...w.shape.slice(0, 3), 1])
  return reshapeNode(convolutionNode('forward', geometry, image, kernel), [
    batch,
    outputChannels,
    depth.output,
    H,
    W,
  ])
}

/** The frames under the kernel as channels of one image for each frame of the result. */
function overFrames(
  x: Node,
  w: Node,
  [depth, rows, columns]: readonly [ConvolutionAxis, ConvolutionAxis, ConvolutionAxis],
  groups: number,
): Tensor {
  const [N, C] = x.shape as [number, number]
  const [O, perGroup, KD] = w.shape as [number, number, number]
  const geometry = convolutionGeometry(
    { batch: N * depth.output, groups, inputChannels: C * KD, outputChannels: O },
    rows,
    columns,
  )
  const kernel = reshapeNode(w, [O, perGroup * KD, rows.kernel, columns.kernel])
  const frames = framesUnder(wrap(x), depth)
  const images = reshapeNode(frames.node, [N * depth.output, C * KD, rows.input, columns.input])
  const result = convolutionNode('forward', geometry, images, kernel)
  const split = reshapeNode(result, [N, depth.output, O, rows.output, columns.output])
  return permute(wrap(split), [0, 2, 1, 3, 4])
}

/** `[N, C, D, H, W]` to `[N, OD, C, KD, H, W]`. */
function framesUnder(
  x: Tensor,
  { kernel, stride, dilation, before, after, output }: ConvolutionAxis,
): Tensor {
  const none = [0, 0] as const
  const padded = pad(x, [none, none, [before, after], none, none])
  const taps = Array.from({ length: kernel }, (_, k) => k * dilation)
  const frames = taps.map((first) =>
    slice(padded, [undefined, undefined, [first, first + (output - 1) * stride + 1, stride]]),
  )
  return permute(stack(frames, { axis: 2 }), [0, 3, 1, 2, 4, 5])
}
