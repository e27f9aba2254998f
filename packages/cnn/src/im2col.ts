import { ShapeError, add, dilate, pad, slice, stack } from '@badak/tensor'
import type { PairLike, Tensor } from '@badak/tensor'
import { windowAxes, windowCount } from './output-size.ts'
import { checkRank, pair, type Pair } from './size.ts'

/** The windows that `im2col` lays out, in pixels. */
export interface Im2colOptions {
  /** Size of the window. */
  kernel: PairLike
  /** Distance between the windows; default 1. */
  stride?: PairLike
  /** Zeros on each side; default 0. */
  padding?: PairLike
  /** Distance between the elements of the window; default 1. */
  dilation?: PairLike
}

interface Windows {
  readonly kernel: Pair
  readonly stride: Pair
  readonly padding: Pair
  readonly dilation: Pair
  /** How many windows there are along each axis. */
  readonly output: Pair
}

/** No padding. */
const none = [0, 0] as const

/**
 * Lays each window of an image out as a column, so that a convolution becomes one product of matrices:
 * `weight.reshape([O, C·KH·KW]).matmul(im2col(x, { kernel }))` is `conv2d(x, weight)` with its last two axes
 * flattened.
 *
 * This is the convolution to learn from. `conv2d` computes the same without the columns, which take KH·KW
 * times the memory of the image.
 *
 * @param x `[N, C, H, W]`
 * @returns `[N, C·KH·KW, OH·OW]`, `OH = ⌊(H + 2·padding − dilation·(KH − 1) − 1) / stride⌋ + 1`; PyTorch's
 *   `unfold`
 * @throws ShapeError when `x` has another rank, or is smaller than the window
 * @throws ValueError when a size is out of range
 */
export function im2col(x: Tensor, options: Im2colOptions): Tensor {
  checkRank('im2col', x, 4)
  const [N, C, H, W] = x.shape as [number, number, number, number]
  const windows = windowsOf('im2col', [H, W], options)
  const { kernel, stride, padding, output } = windows
  const [[KH, KW], [top, left], [OH, OW]] = [kernel, padding, output]
  const padded = pad(x, [none, none, [top, top], [left, left]])
  // Not window by window but by position in the window: a strided view of the image holds that position of
  // all windows.
  const views = positions(windows).map(([row, column]) =>
    slice(padded, [
      [],
      [],
      [row, row + (OH - 1) * stride[0] + 1, stride[0]],
      [column, column + (OW - 1) * stride[1] + 1, stride[1]],
    ]),
  )
  return stack(views, { axis: 2 }).reshape([N, C * KH * KW, OH * OW])
}

/**
 * Adds columns up to an image: each element goes back to where `im2col` took it from. It is the adjoint of
 * `im2col`, which is how gradients flow back through a convolution, and not its inverse: where windows
 * overlap, their elements add up.
 *
 * @param columns `[N, C·KH·KW, OH·OW]`
 * @param size `[H, W]` of the image
 * @returns `[N, C, H, W]`; PyTorch's `fold`
 * @throws ShapeError when the columns are not those of such an image
 * @throws ValueError when a size is out of range
 */
export function col2im(
  columns: Tensor,
  size: readonly [height: number, width: number],
  options: Im2colOptions,
): Tensor {
  const [H, W] = pair('col2im', 'size', size, 1)
  const windows = windowsOf('col2im', [H, W], options)
  const { kernel, stride, padding, output } = windows
  const [[KH, KW], [top, left], [OH, OW]] = [kernel, padding, output]
  const [N, rows, count] = columns.shape as [number, number, number]
  if (columns.rank !== 3 || rows % (KH * KW) !== 0 || count !== OH * OW) {
    throw new ShapeError(
      `col2im: columns are not [N, C·${KH * KW}, ${OH * OW}]: [${columns.shape.join(',')}]`,
    )
  }
  const C = rows / (KH * KW)
  const byPosition = columns.reshape([N, C, KH * KW, OH, OW])
  const spread = positions(windows).map(([row, column], position) => {
    const view = slice(byPosition, [[], [], position, [], []])
    const image = dilate(dilate(view, stride[0], { axis: 2 }), stride[1], { axis: 3 })
    const below = H + 2 * top - row - image.shape[2]!
    const right = W + 2 * left - column - image.shape[3]!
    return pad(image, [none, none, [row, below], [column, right]])
  })
  return slice(spread.reduce(add), [[], [], [top, top + H], [left, left + W]])
}

/** Where in the padded image each position of the first window lies, row by row. */
function positions({ kernel: [KH, KW], dilation }: Windows): Pair[] {
  return Array.from({ length: KH * KW }, (_, k) => [Math.floor(k / KW) * dilation[0], (k % KW) * dilation[1]])
}

function windowsOf(operation: string, image: Pair, options: Im2colOptions): Windows {
  const kernel = pair(operation, 'kernel', options.kernel, 1)
  const stride = pair(operation, 'stride', options.stride ?? 1, 1)
  const padding = pair(operation, 'padding', options.padding ?? 0, 0)
  const dilation = pair(operation, 'dilation', options.dilation ?? 1, 1)
  const windows = { kernel, stride, padding, dilation }
  const axes = windowAxes(operation, 2, windows)
  const output = image.map((size, axis) => windowCount(size, axes[axis]!)) as Pair
  if (output.some((size) => size < 1)) {
    throw new ShapeError(
      `${operation}: the window exceeds the padded image: ` +
        `kernel ${kernel.join('x')}, image ${image.join('x')}`,
    )
  }
  return { ...windows, output }
}
