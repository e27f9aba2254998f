import { ShapeError, ValueError, log, maximum, stopGradient } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkPositive, firstWhere, show } from '../arguments.ts'
import { reduceLoss, targetLike, type LossOptions } from './loss.ts'

const name = 'gaussianNLLLoss'

/** What is left out, and the least variance. */
export interface GaussianNLLLossOptions extends LossOptions {
  /** Whether log(2π)/2, which does not depend on the prediction, is added; default false. */
  full?: boolean
  /** What the variance is taken for where it is smaller, > 0; its gradient passes there too. Default 1e-6. */
  eps?: number
}

/**
 * The negative logarithm of the density of t under N(mean, variance): `(log variance + (mean − t)² /
 * variance) / 2`, but for a constant. For networks that also say how sure they are.
 *
 * @param mean any shape
 * @param target in the shape of `mean`
 * @param variance in the shape of `mean`, or with a last axis of size 1, for all of that axis
 * @throws ShapeError when the shapes do not fit
 * @throws ValueError when a variance that came from the host is negative, `eps` is not a positive number, or
 *   a target that came from the host is NaN
 * @see Nix & Weigend 1994, doi:10.1109/ICNN.1994.374138
 */
export function gaussianNLLLoss(
  mean: Tensor,
  target: Tensor,
  variance: Tensor,
  options: GaussianNLLLossOptions = {},
): Tensor {
  const { full = false, eps = 1e-6 } = options
  checkPositive(name, 'eps', eps)
  const t = targetLike(name, mean, target)
  const shape = show(variance.shape)
  if (shape !== show(mean.shape) && shape !== show([...mean.shape.slice(0, -1), 1])) {
    throw new ShapeError(
      `${name}: variance has neither the shape of the mean nor 1 for its last axis: ` +
        `${shape}, ${show(mean.shape)}`,
    )
  }
  const negative = firstWhere(variance, (value) => value < 0)
  if (negative) throw new ValueError(`${name}: the variance is negative at ${negative.at}: ${negative.value}`)
  // The bound moves the value, not the gradient: a variance that is too small can still learn.
  const v = variance.add(stopGradient(maximum(variance, eps).sub(variance)))
  const difference = mean.sub(t)
  const losses = log(v).add(difference.mul(difference).div(v)).mul(0.5)
  return reduceLoss(name, full ? losses.add(0.5 * Math.log(2 * Math.PI)) : losses, options)
}
