import { ShapeError, ValueError } from '../errors.ts'
import { wrap } from '../graph/handle.ts'
import type { Node } from '../graph/node.ts'
import { show, sizeOf, triple, type TripleLike } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { add, floorDiv, mul } from './arithmetic.ts'
import { gatherNode } from './indexing.ts'
import { arithmeticType, castNode, floatType, nodeOf, reshapeNode, type TensorLike } from './operand.ts'
import { avgPool, maxPool, type MaxPooled } from './pooling.ts'

/** Sizes of a three-dimensional pooling window, as those of `MaxPool2dOptions`. */
export interface MaxPool3dOptions {
  readonly kernel: TripleLike
  readonly stride?: TripleLike
  readonly padding?: TripleLike
  readonly dilation?: TripleLike
  readonly ceilMode?: boolean
}

/** Sizes of a three-dimensional averaging window, as those of `AvgPool2dOptions`. */
export interface AvgPool3dOptions {
  readonly kernel: TripleLike
  readonly stride?: TripleLike
  readonly padding?: TripleLike
  readonly ceilMode?: boolean
  readonly countIncludePad?: boolean
  readonly divisorOverride?: number
}

/**
 * The greatest element of each window of a volume: the greatest of each frame, then along the depth.
 *
 * @param x `[…, D, H, W]`
 * @returns `[…, OD, OH, OW]`, sizes as for `maxPool2d`
 * @throws ShapeError when the rank is below 3, or the window exceeds the padded volume
 * @throws ValueError as `maxPool2d`
 */
export function maxPool3d(x: TensorLike, options: MaxPool3dOptions & { returnIndices: true }): MaxPooled
export function maxPool3d(x: TensorLike, options: MaxPool3dOptions & { returnIndices?: false }): Tensor
export function maxPool3d(
  x: TensorLike,
  options: MaxPool3dOptions & { returnIndices?: boolean },
): Tensor | MaxPooled {
  const node = volume('maxPool3d', x)
  const { frame, depth } = windowsOf('maxPool3d', options)
  const frames = maxPool('maxPool3d', castNode(node, arithmeticType(node.dtype)), frame)
  const whole = maxPool('maxPool3d', frameRows(frames.values), depth, node.shape)
  const shape = [...whole.values.shape.slice(0, -1), ...frames.values.shape.slice(-2)]
  const values = wrap(reshapeNode(whole.values, shape))
  if (!options.returnIndices) return values
  // Which frame, and which pixel of it: the position in `[D, OH·OW]` tells both.
  const chosen = frameRows(whole.indices())
  const pixels = frameRows(frameRows(frames.indices()))
  const pixel = wrap(gatherNode(pixels, chosen, pixels.shape.length - 1))
  const frameOf = floorDiv(wrap(chosen), sizeOf(shape.slice(-2)))
  const positions = add(mul(frameOf, sizeOf(node.shape.slice(-2))), pixel)
  return { values, indices: wrap(reshapeNode(positions.node, shape)) }
}

/**
 * The mean of each window of a volume.
 *
 * @param x `[…, D, H, W]`
 * @returns `[…, OD, OH, OW]`, sizes as for `maxPool2d`; float32 for integers
 * @throws ShapeError when the rank is below 3, or the window exceeds the padded volume
 * @throws ValueError as `avgPool2d`
 */
export function avgPool3d(x: TensorLike, options: AvgPool3dOptions): Tensor {
  const node = volume('avgPool3d', x)
  const { countIncludePad = true, divisorOverride } = options
  const { frame, depth } = windowsOf('avgPool3d', options)
  // The mean of means, for windows are boxes.
  const sumsOnly = divisorOverride === undefined ? {} : { divisorOverride: 1 }
  const divided = divisorOverride === undefined ? {} : { divisorOverride }
  const typed = castNode(node, floatType(node.dtype))
  const frames = avgPool('avgPool3d', typed, { ...frame, countIncludePad, ...sumsOnly })
  const whole = avgPool('avgPool3d', frameRows(frames), { ...depth, countIncludePad, ...divided }, node.shape)
  return wrap(reshapeNode(whole, [...whole.shape.slice(0, -1), ...frames.shape.slice(-2)]))
}

function volume(operation: string, x: TensorLike): Node {
  const node = nodeOf(operation, x)
  if (node.shape.length < 3)
    throw new ShapeError(`${operation}: input must have rank ≥ 3: ${show(node.shape)}`)
  return node
}

/** The last two axes as one: frames become rows. */
function frameRows(x: Node): Node {
  return reshapeNode(x, [...x.shape.slice(0, -2), sizeOf(x.shape.slice(-2))])
}

type Pair = [number, number]

/** Sizes of the window over a frame, and of the one over frames as rows. */
function windowsOf(
  operation: string,
  options: MaxPool3dOptions,
): Record<
  'frame' | 'depth',
  { kernel: Pair; stride: Pair; padding: Pair; dilation: Pair; ceilMode: boolean }
> {
  if (options?.kernel === undefined) throw new ValueError(`${operation}: no kernel size is given`)
  const kernel = triple(operation, 'kernel', options.kernel, 1)
  const stride = triple(operation, 'stride', options.stride ?? options.kernel, 1)
  const padding = triple(operation, 'padding', options.padding ?? 0, 0)
  const dilation = triple(operation, 'dilation', options.dilation ?? 1, 1)
  const { ceilMode = false } = options
  const part = (choose: (sizes: readonly number[], otherwise: number) => Pair) => ({
    kernel: choose(kernel, 1),
    stride: choose(stride, 1),
    padding: choose(padding, 0),
    dilation: choose(dilation, 1),
    ceilMode,
  })
  return {
    frame: part((sizes) => [sizes[1]!, sizes[2]!]),
    depth: part((sizes, otherwise) => [sizes[0]!, otherwise]),
  }
}
