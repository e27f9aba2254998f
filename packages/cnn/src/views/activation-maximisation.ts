import {
  IndexError,
  ValueError,
  add,
  clamp,
  defaultGenerator,
  div,
  evaluate,
  grad,
  mean,
  mul,
  noGrad,
  sqrt,
  square,
  stopGradient,
  take,
  tensor,
} from '@badak/tensor'
import type { Generator, Tensor } from '@badak/tensor'
import { single } from '../size.ts'
import type { ViewedModel } from './model.ts'
import { checkAmount, checkImages } from './passes.ts'
import { gaussianBlur } from './gaussian-blur.ts'
import { unitActivations, type UnitOptions } from './unit.ts'

/** Which unit is excited, and what keeps the images from becoming noise. */
export interface ActivationMaximisationOptions<R = unknown> extends UnitOptions<R> {
  /** A single unit of a layer with spatial output, `[row, column]`; default: the mean over all of them. */
  readonly position?: readonly [row: number, column: number] | undefined
  /** Steps of gradient ascent; default 128. */
  readonly steps?: number | undefined
  /** By how much the values of an image change in a step, as root of the mean square; default 0.1. */
  readonly lr?: number | undefined
  /** Up to how many pixels the image is shifted before a step, and back after it; default 2. */
  readonly jitter?: number | undefined
  /** Standard deviation of a Gaussian blur, in pixels; default 0.5. */
  readonly blur?: number | undefined
  /** After how many steps the image is blurred; default 4. */
  readonly blurEvery?: number | undefined
  /** The share of its values that the image loses in each step; default 0.01. */
  readonly decay?: number | undefined
  /** What the values are kept between, such as [0, 1]; default: nothing. */
  readonly range?: readonly [low: number, high: number] | undefined
  /** The stream that shifts come from; default the one that `seed` sets. */
  readonly generator?: Generator | undefined
  /** Called after each step with the images so far. What it gives is waited for. */
  readonly onStep?: ((step: number, images: Tensor) => void | Promise<void>) | undefined
}

/** Images that excite a unit, and how much. */
export interface ActivationMaximisation {
  /** In the shape of those at the beginning. */
  readonly images: Tensor
  /** `[N]`: what the unit gives for them. */
  readonly activations: Tensor
}

/**
 * Activation maximisation: changes images step by step so that a unit, a channel or a class is excited more,
 * to see what it looks for. Blur, decay and shifts favour what looks like an image over noise that merely
 * excites.
 *
 * The model is looked at in evaluation mode and left as it was.
 *
 * @param x images to begin with, `[N, C, H, W]`; `randomNormal([1, 3, 224, 224])`, scaled as the model is used
 *   to, or real ones
 * @throws ValueError when there is no such layer, or an option is out of range
 * @throws IndexError when there is no such channel or position
 * @throws ShapeError when `x` is no images
 * @see Erhan, Bengio, Courville & Vincent 2009, "Visualizing higher-layer features of a deep network"
 * @see Yosinski et al. 2015, arXiv:1506.06579
 * @example
 * ```ts
 * const { images } = await activationMaximisation(model, randomUniform([1, 1, 28, 28]), { channel: 7 })
 * ```
 */
export async function activationMaximisation<R>(
  model: ViewedModel<R>,
  x: Tensor,
  options: ActivationMaximisationOptions<R>,
): Promise<ActivationMaximisation> {
  const operation = 'activationMaximisation'
  checkImages(operation, x)
  const ascent = checkAscent(operation, options)
  const excitement = (images: Tensor): Tensor => excitementOf(operation, model, images, options)
  let images = stopGradient(x)
  for (let step = 1; step <= ascent.steps; step++) {
    images = regularised(ascended(images, excitement, ascent), step, ascent)
    await evaluate(images)
    await options.onStep?.(step, images)
  }
  const activations = noGrad(() => excitement(images))
  await evaluate(activations)
  return { images, activations }
}

/** What a step does, with defaults. */
interface Ascent {
  readonly steps: number
  readonly lr: number
  readonly jitter: number
  readonly blur: number
  readonly blurEvery: number
  readonly decay: number
  readonly range: readonly [low: number, high: number] | undefined
  readonly generator: Generator
}

function checkAscent(operation: string, options: ActivationMaximisationOptions<never>): Ascent {
  const { steps = 128, lr = 0.1, jitter = 2, blur = 0.5, blurEvery = 4, decay = 0.01 } = options
  const { range, generator = defaultGenerator } = options
  for (const [name, value] of Object.entries({ steps, jitter })) single(operation, name, value, 0)
  single(operation, 'blurEvery', blurEvery, 1)
  for (const [name, value] of Object.entries({ lr, blur, decay })) checkAmount(operation, name, value)
  if (range && !(range[0] < range[1]))
    throw new ValueError(`${operation}: range is not [low, high] with low < high: [${range}]`)
  return { steps, lr, jitter, blur, blurEvery, decay, range, generator }
}

/** A step uphill, taken by images that are shifted a little. */
function ascended(
  images: Tensor,
  excitement: (images: Tensor) => Tensor,
  { lr, jitter, generator }: Ascent,
): Tensor {
  const shifts = images.shape.slice(2).map((size) => {
    const most = Math.min(jitter, size - 1)
    return most > 0 ? generator.integers(2 * most + 1) - most : 0
  }) as [number, number]
  const shifted = roll(images, shifts)
  const slope = stopGradient(grad((given: Tensor) => excitement(given).sum())(shifted))
  // Of the same length for all images and layers. One that is 0 throughout stays 0.
  const size = sqrt(mean(square(slope), { axis: [1, 2, 3], keepDims: true })).add(1e-12)
  return roll(add(shifted, div(mul(slope, lr), size)), [-shifts[0], -shifts[1]])
}

function regularised(images: Tensor, step: number, { decay, blur, blurEvery, range }: Ascent): Tensor {
  let result = decay > 0 ? mul(images, 1 - decay) : images
  if (blur > 0 && step % blurEvery === 0) result = gaussianBlur(result, blur)
  return range ? clamp(result, { min: range[0], max: range[1] }) : result
}

/** What is to grow, `[N]`. */
function excitementOf<R>(
  operation: string,
  model: ViewedModel<R>,
  images: Tensor,
  { position, ...unit }: ActivationMaximisationOptions<R>,
): Tensor {
  const activations = unitActivations(operation, model, images, unit)
  const [, H, W] = activations.shape
  if (H === undefined || W === undefined) {
    if (!position) return activations
    throw new IndexError(`${operation}: a position needs a layer with spatial output: [${activations.shape}]`)
  }
  if (!position) return mean(activations, { axis: [1, 2] })
  const [row, column] = position
  const inside = (at: number, size: number): boolean => Number.isInteger(at) && at >= 0 && at < size
  if (inside(row, H) && inside(column, W)) return activations.slice([[], row, column])
  throw new IndexError(`${operation}: the position ${row}, ${column} is not one of ${H} × ${W}`)
}

/**
 * The image shifted; what leaves on one side comes in on the other. The shift is data, so that all steps are
 * one plan.
 */
function roll(x: Tensor, [down, right]: readonly [number, number]): Tensor {
  const [H, W] = x.shape.slice(2) as [number, number]
  const from = (size: number, shift: number): Tensor =>
    tensor(Int32Array.from({ length: size }, (_, i) => (i - shift + size) % size))
  return take(take(x, from(H, down), { axis: 2 }), from(W, right), { axis: 3 })
}
