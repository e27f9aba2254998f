import { abs, max, mul, relu, where, withGradientRules } from '@badak/tensor'
import type { GradientRules, Tensor } from '@badak/tensor'
import type { ViewedModel } from './model.ts'
import { gradientOfScores, type ScoreOptions } from './scores.ts'

/**
 * The gradient of a class's score with respect to the images: how each pixel would have to change for the
 * score to rise.
 *
 * The model is looked at in evaluation mode and left as it was. Nothing is computed before it is read.
 *
 * @param x `[N, …]`, mostly images `[N, C, H, W]`
 * @returns the shape of `x`
 * @throws ShapeError, ValueError, IndexError when there is no such score
 * @see Simonyan, Vedaldi & Zisserman 2013, arXiv:1312.6034
 */
export function inputGradient<R>(model: ViewedModel<R>, x: Tensor, options: ScoreOptions<R> = {}): Tensor {
  return gradientOfScores('inputGradient', model, x, options)
}

/** How `saliency` joins the channels of an image. */
export interface SaliencyOptions<R = unknown> extends ScoreOptions<R> {
  /** `max` for the greatest of a pixel's channels (default), `all` to leave them apart. */
  readonly channels?: 'max' | 'all' | undefined
}

/**
 * The magnitude of the gradient of a class's score with respect to the images: which pixels matter to it.
 *
 * @param x `[N, C, H, W]`, or other inputs `[N, …]`
 * @returns `[N, 1, H, W]`; the shape of `x` with `channels: 'all'`, and where there are no channels
 * @throws ShapeError, ValueError, IndexError when there is no such score
 * @see Simonyan, Vedaldi & Zisserman 2013, arXiv:1312.6034
 * @example
 * ```ts
 * const map = saliency(model, images, { target: 7 })
 * ```
 */
export function saliency<R>(
  model: ViewedModel<R>,
  x: Tensor,
  { channels = 'max', ...options }: SaliencyOptions<R> = {},
): Tensor {
  const magnitude = abs(gradientOfScores('saliency', model, x, options))
  return channels === 'all' || x.rank < 3 ? magnitude : max(magnitude, { axis: 1, keepDims: true })
}

/**
 * Images times their gradients: what each pixel adds to the score, as far as the model is linear. For
 * networks of ReLUs without biases the parts add up to the score.
 *
 * @returns the shape of `x`
 * @throws ShapeError, ValueError, IndexError when there is no such score
 * @see Shrikumar, Greenside, Shcherbina & Kundaje 2016, arXiv:1605.01713
 */
export function inputTimesGradient<R>(
  model: ViewedModel<R>,
  x: Tensor,
  options: ScoreOptions<R> = {},
): Tensor {
  return mul(x, gradientOfScores('inputTimesGradient', model, x, options))
}

/** Lets through what is positive on the way back, where the ReLU was positive on the way there. */
const guided: GradientRules = { relu: (gradient, _, output) => where(output.greater(0), relu(gradient), 0) }

/** Lets through what is positive on the way back, whatever the ReLU did. */
const rectified: GradientRules = { relu: (gradient) => relu(gradient) }

/**
 * Guided back-propagation: the gradient with respect to the images, of which each ReLU on the way lets only
 * the positive part through. It shows the features that speak for a class, in the detail of the image.
 *
 * Every ReLU counts, a `ReLU` module or the function `relu` in a `forward`; other activations, `ReLU6` among
 * them, keep their gradient. Gradients of others that are taken meanwhile do not change.
 *
 * @returns the shape of `x`
 * @throws ShapeError, ValueError, IndexError when there is no such score
 * @see Springenberg, Dosovitskiy, Brox & Riedmiller 2014, arXiv:1412.6806
 */
export function guidedBackpropagation<R>(
  model: ViewedModel<R>,
  x: Tensor,
  options: ScoreOptions<R> = {},
): Tensor {
  return withGradientRules(guided, () => gradientOfScores('guidedBackpropagation', model, x, options))
}

/**
 * A deconvolution network: as guided back-propagation, but ReLUs let the positive part through wherever they
 * were active or not.
 *
 * @returns the shape of `x`
 * @throws ShapeError, ValueError, IndexError when there is no such score
 * @see Zeiler & Fergus 2013, arXiv:1311.2901
 */
export function deconvolution<R>(model: ViewedModel<R>, x: Tensor, options: ScoreOptions<R> = {}): Tensor {
  return withGradientRules(rectified, () => gradientOfScores('deconvolution', model, x, options))
}
