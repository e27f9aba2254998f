import { ShapeError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { show } from '../arguments.ts'
import {
  dropIgnored,
  pickClasses,
  readClasses,
  reduceClassLoss,
  type ClassLossOptions,
} from './class-targets.ts'

const name = 'negativeLogLikelihood'

/**
 * `−log pₜ`, given logarithms of probabilities, as `logSoftmax` gives them. PyTorch's `nll_loss`, but for a
 * label of −100, which is an error unless `ignoreIndex` names it.
 *
 * @param logProbabilities `[N, C]`, or `[N, C, ...]` with one prediction per position
 * @param target classes from 0 to C − 1, int32 or uint8, `[N]` or `[N, ...]`
 * @param options
 * @param options.reduction `mean` (default) and `sum` are over all predictions, `none` gives the shape of the
 *   target. With `weight` or `ignoreIndex`, the mean is divided by the sum of the weights; it is NaN when all
 *   are ignored
 * @throws ShapeError when the shapes do not fit
 * @throws DTypeError when the classes are not integers
 * @throws ValueError when a class that came from the host is outside of its range; one that was computed is
 *   checked when the loss is evaluated
 */
export function negativeLogLikelihood(
  logProbabilities: Tensor,
  target: Tensor,
  options: ClassLossOptions = {},
): Tensor {
  if (logProbabilities.rank < 2)
    throw new ShapeError(`${name}: input is not [N, C]: ${show(logProbabilities.shape)}`)
  const targets = readClasses(name, logProbabilities, target, options)
  const losses = pickClasses(logProbabilities, targets).squeeze(1).neg()
  const weighted = options.weight ? losses.mul(targets.counts!) : losses
  return reduceClassLoss(name, dropIgnored(weighted, targets), targets, options)
}
