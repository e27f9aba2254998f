import { equal, exp, log, where } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkChoice } from '../arguments.ts'
import { reduceLoss, targetLike } from './loss.ts'

const name = 'klDivergence'

/** How the target is given, and what is averaged. */
export interface KLDivergenceOptions {
  /**
   * `mean` (default) divides by the number of elements, `batchmean` by that of examples, axis 0, as the
   * definition asks; `sum`; `none` gives the elements.
   */
  reduction?: 'mean' | 'sum' | 'none' | 'batchmean'
  /** Whether the target holds logarithms of probabilities, as the input does; default false. */
  logTarget?: boolean
}

/**
 * The Kullback-Leibler divergence of a distribution q from the target p, `Σ p·(log p − log q)`, element by
 * element; where p is 0 that is 0.
 *
 * @param logProbabilities log q, as `logSoftmax` gives it
 * @param target p, or log p with `logTarget`, in the same shape
 * @throws ShapeError when the shapes differ
 * @throws ValueError when a target that came from the host is NaN
 * @see Kullback & Leibler 1951, doi:10.1214/aoms/1177729694
 */
export function klDivergence(
  logProbabilities: Tensor,
  target: Tensor,
  options: KLDivergenceOptions = {},
): Tensor {
  const { reduction = 'mean', logTarget = false } = options
  checkChoice(name, 'reduction', reduction, ['mean', 'sum', 'none', 'batchmean'])
  const t = targetLike(name, logProbabilities, target)
  const losses = logTarget
    ? exp(t).mul(t.sub(logProbabilities))
    : t.mul(log(where(equal(t, 0), 1, t))).sub(t.mul(logProbabilities))
  if (reduction === 'batchmean') return losses.sum().div(losses.shape[0] ?? 1)
  return reduceLoss(name, losses, { reduction })
}
