import {
  ShapeError,
  ValueError,
  add,
  div,
  evaluate,
  mul,
  noGrad,
  sub,
  sum,
  tensor,
  where,
  zeros,
} from '@badak/tensor'
import type { PairLike, Tensor } from '@badak/tensor'
import { pair, type Pair } from '../size.ts'
import type { ViewedModel } from './model.ts'
import { asBatch, baselineOf, checkImages, type PassOptions, passesOf } from './passes.ts'
import { fixTarget, repeatTarget, type ScoreOptions, scoresOf } from './scores.ts'

/** What is covered, and with what. */
export interface OcclusionOptions<R = unknown> extends ScoreOptions<R>, PassOptions {
  /** Size of the window that covers a part of the image, in pixels. */
  readonly window: PairLike
  /** Distance between the windows; at most their size. Default: half of it. */
  readonly stride?: PairLike | undefined
  /** What the window shows: a number, or an image; default 0. */
  readonly baseline?: number | Tensor | undefined
}

/**
 * Occlusion: by how much a class's score falls when a part of the image is covered. Each pixel gets the mean
 * over the windows that cover it. No gradients are needed, and one pass for each window.
 *
 * The model is looked at in evaluation mode and left as it was. The class is that of the whole image.
 *
 * @param x images `[N, C, H, W]`
 * @returns `[N, 1, H, W]`
 * @throws ShapeError when `x` is no images, the window exceeds them, or the baseline has another shape
 * @throws ValueError when a size is out of range, or the model gives no score for each image
 * @throws ShapeError, ValueError, IndexError when there is no such score
 * @see Zeiler & Fergus 2013, arXiv:1311.2901
 * @example
 * ```ts
 * const map = await occlusion(model, images, { window: 8, stride: 4, baseline: 0.5 })
 * ```
 */
export async function occlusion<R>(
  model: ViewedModel<R>,
  x: Tensor,
  options: OcclusionOptions<R>,
): Promise<Tensor> {
  const operation = 'occlusion'
  checkImages(operation, x)
  const [N, , H, W] = x.shape as [number, number, number, number]
  const windows = windowsOf([H, W], options)
  const cover = baselineOf(operation, x, options.baseline ?? 0)
  const fixed = await fixTarget(operation, model, x, options)
  if (fixed.scores.rank === 0)
    throw new ValueError(`${operation}: the model gives one score for all images, not one for each: []`)
  let [total, counts] = [zeros([N, 1, H, W], { dtype: x.dtype }), zeros([1, 1, H, W], { dtype: x.dtype })]
  for (const { from, to } of passesOf(operation, windows.length, x, fixed.scores, options.batchSize)) {
    const count = to - from
    const masks = maskOf(windows.slice(from, to), [H, W])
    const covered = asBatch(where(masks, cover, x))
    const scores = noGrad(() => scoresOf(operation, model, covered, repeatTarget(fixed, count)))
    const falls = sub(fixed.scores, scores.reshape([count, N])).reshape([count, N, 1, 1, 1])
    const weights = masks.cast(x.dtype)
    total = add(total, sum(mul(falls, weights), { axis: 0 }))
    counts = add(counts, sum(weights, { axis: 0 }))
    await evaluate(total, counts)
  }
  return div(total, counts)
}

interface Window {
  readonly top: number
  readonly left: number
  readonly bottom: number
  readonly right: number
}

/** Windows from the upper left; the last ones end where the image does. */
function windowsOf(size: Pair, options: Pick<OcclusionOptions<never>, 'window' | 'stride'>): Window[] {
  const window = pair('occlusion', 'window', options.window, 1)
  const half: Pair = [Math.ceil(window[0] / 2), Math.ceil(window[1] / 2)]
  const stride = pair('occlusion', 'stride', options.stride ?? half, 1)
  for (const axis of [0, 1] as const) {
    if (window[axis] > size[axis]) {
      throw new ShapeError(
        `occlusion: the window exceeds the image: window ${window.join('x')}, image ${size.join('x')}`,
      )
    }
    if (stride[axis] > window[axis]) {
      throw new ValueError(
        'occlusion: a stride above the window leaves pixels uncovered: ' +
          `stride ${stride.join('x')}, window ${window.join('x')}`,
      )
    }
  }
  const starts = (axis: 0 | 1): number[] =>
    Array.from(
      { length: Math.ceil((size[axis] - window[axis]) / stride[axis]) + 1 },
      (_, i) => i * stride[axis],
    )
  return starts(0).flatMap((top) =>
    starts(1).map((left) => ({
      top,
      left,
      bottom: Math.min(top + window[0], size[0]),
      right: Math.min(left + window[1], size[1]),
    })),
  )
}

/** `[windows, 1, 1, H, W]`, true where a window covers. */
function maskOf(windows: readonly Window[], [H, W]: Pair): Tensor {
  const mask = new Uint8Array(windows.length * H * W)
  for (const [i, { top, left, bottom, right }] of windows.entries()) {
    for (let row = top; row < bottom; row++) mask.fill(1, (i * H + row) * W + left, (i * H + row) * W + right)
  }
  return tensor(mask, { shape: [windows.length, 1, 1, H, W], dtype: 'bool' })
}
