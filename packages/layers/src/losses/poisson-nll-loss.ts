import { exp, greater, log, where } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkPositive } from '../arguments.ts'
import { reduceLoss, targetLike, type LossOptions } from './loss.ts'

const name = 'poissonNLLLoss'

/** What the prediction is, and what is left out. */
export interface PoissonNLLLossOptions extends LossOptions {
  /** Whether the prediction is the logarithm of the rate (default) or the rate. */
  logInput?: boolean
  /** Whether log t!, which does not depend on the prediction, is added, by Stirling's formula; default false. */
  full?: boolean
  /** Added to a rate before its logarithm is taken; default 1e-8. */
  eps?: number
}

/**
 * The negative logarithm of the probability of counts t at rate λ: `λ − t·log λ`, but for log t!.
 *
 * @param prediction log λ, or λ with `logInput: false`
 * @param target counts, in the same shape
 * @throws ShapeError when the shapes differ
 * @throws ValueError when `eps` is not a positive number, or a target that came from the host is NaN
 */
export function poissonNLLLoss(
  prediction: Tensor,
  target: Tensor,
  options: PoissonNLLLossOptions = {},
): Tensor {
  const { logInput = true, full = false, eps = 1e-8 } = options
  checkPositive(name, 'eps', eps)
  const t = targetLike(name, prediction, target)
  const losses = logInput
    ? exp(prediction).sub(t.mul(prediction))
    : prediction.sub(t.mul(log(prediction.add(eps))))
  return reduceLoss(name, full ? losses.add(logFactorial(t)) : losses, options)
}

/** Stirling's formula, `n·log n − n + log(2πn)/2`; 0 up to 1, where it is worse than that. */
function logFactorial(n: Tensor): Tensor {
  const above = greater(n, 1)
  const safe = where(above, n, 1)
  const stirling = safe
    .mul(log(safe))
    .sub(safe)
    .add(log(safe.mul(2 * Math.PI)).mul(0.5))
  return where(above, stirling, 0)
}
