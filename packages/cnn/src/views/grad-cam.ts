import { mean, mul, relu, sum } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { interpolate } from '../interpolate.ts'
import { guidedBackpropagation } from './input-gradient.ts'
import { layerGradient } from './layer-outputs.ts'
import type { LayerName, ViewedModel } from './model.ts'
import { checkImages } from './passes.ts'
import type { ScoreOptions } from './scores.ts'

/** Where and how `gradCam` looks. */
export interface GradCamOptions<R = unknown> extends ScoreOptions<R> {
  /** The layer whose feature maps are weighed; default: the convolution that is called last. */
  readonly layer?: LayerName | undefined
  /** Whether the map is enlarged to the size of the image (default), or has that of the layer's output. */
  readonly resize?: boolean | undefined
  /** Whether only what speaks for the class is shown (default), or also, below 0, what speaks against it. */
  readonly relu?: boolean | undefined
}

/**
 * Grad-CAM: where in the image a layer sees what speaks for a class. Each feature map counts as much as the
 * score depends on it, `αₖ = mean(∂score/∂Aₖ)`; the map is `relu(Σₖ αₖ·Aₖ)`.
 *
 * The model is looked at in evaluation mode and left as it was. Nothing is computed before it is read.
 *
 * @param x images `[N, C, H, W]`
 * @returns `[N, 1, H, W]`; without `resize` of the height and width of the layer's output
 * @throws ValueError when there is no such layer
 * @throws ShapeError when its output is not spatial
 * @throws ShapeError, ValueError, IndexError when there is no such score
 * @see Selvaraju et al. 2017, arXiv:1610.02391
 * @example
 * ```ts
 * const map = gradCam(model, images, { layer: 'features.28', target: 281 })
 * ```
 */
export function gradCam<R>(model: ViewedModel<R>, x: Tensor, options: GradCamOptions<R> = {}): Tensor {
  return classActivationMap('gradCam', model, x, options)
}

/**
 * Guided Grad-CAM: guided back-propagation where Grad-CAM sees the class. It is as fine as the one and tells
 * classes apart as the other.
 *
 * @param x images `[N, C, H, W]`
 * @returns `[N, C, H, W]`
 * @throws ValueError, ShapeError, IndexError as `gradCam` does
 * @see Selvaraju et al. 2017, arXiv:1610.02391
 */
export function guidedGradCam<R>(
  model: ViewedModel<R>,
  x: Tensor,
  options: Omit<GradCamOptions<R>, 'resize' | 'relu'> = {},
): Tensor {
  const map = classActivationMap('guidedGradCam', model, x, options)
  const { target, output } = options
  return mul(guidedBackpropagation(model, x, { target, output }), map)
}

function classActivationMap<R>(
  operation: string,
  model: ViewedModel<R>,
  x: Tensor,
  { layer, resize = true, relu: positive = true, ...options }: GradCamOptions<R>,
): Tensor {
  checkImages(operation, x)
  const { activations, gradients } = layerGradient(operation, model, x, layer, options)
  const weights = mean(gradients, { axis: [2, 3], keepDims: true })
  const weighed = sum(mul(weights, activations), { axis: 1, keepDims: true })
  const map = positive ? relu(weighed) : weighed
  return resize ? interpolate(map, { size: x.shape.slice(2), mode: 'bilinear' }) : map
}
