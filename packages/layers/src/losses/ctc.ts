import {
  ShapeError,
  ValueError,
  arange,
  equal,
  exp,
  full,
  gather,
  less,
  log1p,
  logsumexp,
  maximum,
  notEqual,
  pad,
  slice,
  where,
} from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkChoice, show } from '../arguments.ts'
import { readLengths, runningSteps, type Lengths } from '../lengths.ts'
import { readLabellings, type Labellings } from './ctc-labels.ts'
import { reduceLoss, type LossOptions } from './loss.ts'

const name = 'ctcLoss'

/** Stands for log 0: e to it is 0, yet differences of it are numbers, so that no gradient is NaN. */
const NEVER = -1e30

/** Which class stands for nothing, and what becomes of targets that cannot be. */
export interface CTCLossOptions extends LossOptions {
  /** The class that stands for no label; default 0. */
  blank?: number
  /** Whether a target that cannot be has a loss of 0, not of Infinity; default false. Its gradient is 0 in either case. */
  zeroInfinity?: boolean
}

/**
 * Connectionist temporal classification: −log of the probability that a sequence of predictions spells the
 * labels of the target, over all alignments. A label may last several steps, blanks may stand between
 * labels, and one must between two that are equal.
 *
 * A target that has more labels, with the blanks between equal ones, than there are steps cannot be: its
 * loss is Infinity.
 *
 * The steps are one graph, planned when a T occurs for the first time; T may be up to about 1,200.
 *
 * @param logProbabilities `[T, N, C]`, as `logSoftmax` gives them
 * @param targets classes other than the blank, int32 or uint8: `[N, S]`, where anything may stand behind the
 *   labels of an example, or those of all examples one after the other, `[sum of targetLengths]`
 * @param inputLengths how many steps each example has, N integers from 0 to T
 * @param targetLengths how many labels each example has, N integers from 0 to S
 * @param options
 * @param options.reduction `mean` (default) averages the losses divided by the number of labels, or by 1
 *   where there are none; `sum`; `none` gives `[N]`
 * @throws ShapeError when shapes do not fit; DTypeError when targets or lengths are not integers
 * @throws ValueError when a length or a label that came from the host is out of its range, or a label is the
 *   blank; computed labels are checked when the loss is evaluated
 * @see Graves et al. 2006, "Connectionist temporal classification", doi:10.1145/1143844.1143891, section 4.1
 */
export function ctcLoss(
  logProbabilities: Tensor,
  targets: Tensor,
  inputLengths: Lengths,
  targetLengths: Lengths,
  options: CTCLossOptions = {},
): Tensor {
  const { reduction = 'mean', blank = 0, zeroInfinity = false } = options
  checkChoice(name, 'reduction', reduction, ['mean', 'sum', 'none'])
  const { rank, shape } = logProbabilities
  if (rank !== 3 || shape[0] === 0)
    throw new ShapeError(`${name}: input is not [T, N, C] with T ≥ 1: ${show(shape)}`)
  const [T, N, C] = shape as [number, number, number]
  if (!(Number.isSafeInteger(blank) && blank >= 0 && blank < C))
    throw new ValueError(`${name}: blank ${blank} is not one of ${C} classes (0 to ${C - 1})`)
  const steps = readLengths(name, 'inputLengths', inputLengths, N, T)
  const labellings = readLabellings(targets, targetLengths, N, C, blank)
  const paths = logProbabilityOf(logProbabilities, labellings, steps, blank)
  const losses = where(less(paths, NEVER / 10), zeroInfinity ? 0 : Infinity, paths.neg())
  if (reduction !== 'mean') return reduceLoss(name, losses, { reduction })
  return losses.div(maximum(labellings.counts, 1).cast(losses.dtype)).mean()
}

/**
 * The log-probability of all paths that spell the labels, `[N]`: those that lead from the front to a state in
 * the middle, and those that lead on from there to the end. Two recursions of half the length wait for each
 * other half as long as one.
 */
function logProbabilityOf(
  logProbabilities: Tensor,
  { states, counts }: Labellings,
  steps: Tensor,
  blank: number,
): Tensor {
  const T = logProbabilities.shape[0]!
  const [N, K] = states.shape as [number, number]
  const chosen = gather(logProbabilities, states.expand([T, N, K]), { axis: 2 })
  const emissions = where(less(chosen, NEVER), NEVER, chosen)
    .reshape([T * N, K])
    .split(T)
  const running = runningSteps(steps, T).steps
  const walk = (from: Tensor, order: readonly number[], next: (paths: Tensor) => Tensor): Tensor =>
    order.reduce((paths, t) => where(running[t]!, next(paths).add(emissions[t]!), paths), from)

  // From a label to the next, past the blank, unless they are equal.
  const skips = notEqual(states, moved(states, 2, blank))
  const skipped = moved(skips.cast('int32'), -2, 0)
  const ahead = (paths: Tensor): Tensor =>
    join(paths, moved(paths, 1, NEVER), where(skips, moved(paths, 2, NEVER), NEVER))
  const back = (paths: Tensor): Tensor =>
    join(paths, moved(paths, -1, NEVER), where(skipped, moved(paths, -2, NEVER), NEVER))

  // Before the first step every path is at the blank in front, after the last at the blank behind the labels.
  const at = (position: Tensor | number): Tensor =>
    where(
      equal(arange(0, K, 1, { dtype: 'int32' }), position),
      0,
      full([N, K], NEVER, { dtype: logProbabilities.dtype }),
    )
  const order = emissions.map((_, t) => t)
  const middle = Math.ceil(T / 2)
  const before = walk(at(0), order.slice(0, middle), ahead)
  const after = walk(at(counts.mul(2).unsqueeze(1)), order.slice(middle).toReversed(), back)
  return logsumexp(ahead(before).add(after), { axis: 1 })
}

/** `x` moved by some positions along axis 1, with `value` where it came from. */
function moved(x: Tensor, by: number, value: number): Tensor {
  const K = x.shape[1]!
  const widths = [
    [0, 0],
    [Math.max(by, 0), Math.max(-by, 0)],
  ] as const
  const start = Math.max(-by, 0)
  return slice(pad(x, widths, { value }), [null, [start, start + K]])
}

/** log(eᵃ + eᵇ + eᶜ) of what is not infinite. */
function join(a: Tensor, b: Tensor, c: Tensor): Tensor {
  return addExponentials(addExponentials(a, b), c)
}

/**
 * log(eᵃ + eᵇ) of what is not infinite. The exponent is at most 0 however a and b were rounded, which it
 * would not be after a subtraction of the greatest; where they are equal, both get half of the gradient.
 */
function addExponentials(a: Tensor, b: Tensor): Tensor {
  return maximum(a, b).add(log1p(exp(a.sub(b).abs().neg())))
}
