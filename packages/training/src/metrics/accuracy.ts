import {
  argmax,
  equal,
  gather,
  greater,
  less,
  logicalAnd,
  notEqual,
  type Tensor,
  tensor,
} from '@badak/tensor'
import { checkClassScores, type Measurement, RatioMetric } from './metric.ts'
import { checkCount } from '../arguments.ts'

/** Which targets do not count. */
export interface IgnoreOptions {
  /** A class that stands for "not labelled": positions that have it are left out. */
  ignoreIndex?: number
}

/**
 * The share of predictions whose greatest score is at the true class. Scores `[N, C, …]`, classes `[N, …]`.
 */
export class Accuracy extends RatioMetric {
  readonly #ignoreIndex: number | undefined

  constructor({ ignoreIndex }: IgnoreOptions = {}) {
    super()
    this.#ignoreIndex = ignoreIndex
  }

  override measure(output: Tensor, target: Tensor): Measurement {
    checkClassScores('Accuracy', output, target)
    const hits = equal(argmax(output, { axis: 1 }), target.cast('int32'))
    return countHits(hits, target, this.#ignoreIndex)
  }
}

/**
 * The share of predictions with the true class among the `k` greatest scores. Of equal scores the lower class
 * comes first. Scores `[N, C, …]`, classes `[N, …]`.
 */
export class TopKAccuracy extends RatioMetric {
  readonly k: number
  readonly #ignoreIndex: number | undefined

  /** @throws ValueError when `k` is not an integer ≥ 1 */
  constructor(k: number, { ignoreIndex }: IgnoreOptions = {}) {
    super()
    checkCount('TopKAccuracy', 'k', k)
    this.k = k
    this.#ignoreIndex = ignoreIndex
  }

  override measure(output: Tensor, target: Tensor): Measurement {
    checkClassScores('TopKAccuracy', output, target)
    const ignored = this.#ignoreIndex
    const classes = target.cast('int32')
    // An ignored target may be no class at all; any will do in its place.
    const known = ignored === undefined ? classes : notEqual(classes, ignored).where(classes, 0)
    const truth = known.unsqueeze(1)
    const score = gather(output, truth, { axis: 1 })
    const position = tensor(Int32Array.from({ length: output.shape[1]! }, (_, c) => c)).reshape([
      1,
      -1,
      ...output.shape.slice(2).map(() => 1),
    ])
    const before = greater(output, score).logicalOr(logicalAnd(equal(output, score), less(position, truth)))
    return countHits(less(before.cast('int32').sum({ axis: 1 }), this.k), target, ignored)
  }
}

/**
 * The share of right yes-or-no decisions: a score above the threshold is a yes. Scores and targets have the
 * same shape.
 */
export class BinaryAccuracy extends RatioMetric {
  readonly threshold: number

  /**
   * @param options
   * @param options.threshold 0 for logits (default), 0.5 for probabilities
   */
  constructor({ threshold = 0 }: { threshold?: number } = {}) {
    super()
    this.threshold = threshold
  }

  override measure(output: Tensor, target: Tensor): Measurement {
    const hits = equal(greater(output, this.threshold), greater(target, 0.5))
    return [hits.cast('int32').sum(), output.size]
  }
}

function countHits(hits: Tensor, target: Tensor, ignoreIndex: number | undefined): Measurement {
  if (ignoreIndex === undefined) return [hits.cast('int32').sum(), target.size]
  const counted = notEqual(target, ignoreIndex)
  return [logicalAnd(hits, counted).cast('int32').sum(), counted.cast('int32').sum()]
}
