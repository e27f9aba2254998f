import { ShapeError, type Tensor } from '@badak/tensor'
import { Metric, type Measurement, type MetricState } from './metric.ts'

/** A score and whether the example is of the class. */
interface Ranked {
  readonly score: number
  readonly positive: boolean
}

/**
 * What is computed from the order of all scores: they are kept until `reset()`.
 *
 * Either scores and targets of the same shape `[N]` or `[N, C]`, targets 0 or 1 (C questions, answered each by
 * itself), or scores `[N, C]` and classes `[N]` (each class against the rest).
 */
abstract class RankingMetric extends Metric {
  #columns = 0
  #scores: number[] = []
  #targets: number[] = []

  override measure(output: Tensor, target: Tensor): Measurement {
    const same =
      output.rank === target.rank && output.shape.every((size, axis) => size === target.shape[axis])
    const classes = output.rank === 2 && target.rank === 1 && output.shape[0] === target.shape[0]
    if (!(classes || (same && (output.rank === 1 || output.rank === 2)))) {
      throw new ShapeError(
        `${this.operation()}: expected scores [N] or [N, C] with targets alike, or with classes [N]: ` +
          `[${output.shape}] and [${target.shape}]`,
      )
    }
    return [output.rank === 1 ? 1 : output.shape[1]!, output, target]
  }

  override add([columns, scores, targets]: readonly ArrayLike<number>[]): void {
    const width = columns![0]!
    this.#columns = width
    this.#scores.push(...Array.from(scores!))
    if (targets!.length === scores!.length) this.#targets.push(...Array.from(targets!, Number))
    else
      for (const truth of Array.from(targets!))
        for (let c = 0; c < width; c++) this.#targets.push(c === truth ? 1 : 0)
  }

  /** The figure of each column; NaN for one that lacks positives (or negatives, where they are needed). */
  get perClass(): readonly number[] {
    return Array.from({ length: this.#columns }, (_, column) => this.figure(this.#ranked(column)))
  }

  override get value(): number {
    const known = this.perClass.filter((figure) => !Number.isNaN(figure))
    return known.reduce((total, figure) => total + figure, 0) / known.length
  }

  override reset(): void {
    this.#columns = 0
    this.#scores = []
    this.#targets = []
  }

  override get state(): MetricState {
    return [[this.#columns], [...this.#scores], [...this.#targets]]
  }

  override set state([columns, scores, targets]: MetricState) {
    this.#columns = columns?.[0] ?? 0
    this.#scores = [...(scores ?? [])]
    this.#targets = [...(targets ?? [])]
  }

  /** Written out, since class names do not survive minification. @internal */
  protected abstract operation(): string

  /**
   * @param ranked the greatest score first
   * @internal
   */
  protected abstract figure(ranked: readonly Ranked[]): number

  #ranked(column: number): Ranked[] {
    const ranked: Ranked[] = []
    for (let i = column; i < this.#scores.length; i += this.#columns)
      ranked.push({ score: this.#scores[i]!, positive: this.#targets[i]! > 0.5 })
    return ranked.sort((a, b) => b.score - a.score)
  }
}

/**
 * The area under the receiver operating characteristic: the probability that an example of a class scores
 * higher than one that is not, ties counted half. The mean over classes.
 *
 * @see Fawcett 2006, "An introduction to ROC analysis"
 */
export class RocAuc extends RankingMetric {
  /** @internal */
  protected override operation(): string {
    return 'RocAuc'
  }

  /** @internal */
  protected override figure(ranked: readonly Ranked[]): number {
    let [positives, negatives, area] = [0, 0, 0]
    for (const { ties } of tieGroups(ranked)) {
      const hits = ties.filter(({ positive }) => positive).length
      const others = ties.length - hits
      area += others * (positives + hits / 2)
      positives += hits
      negatives += others
    }
    return area / (positives * negatives)
  }
}

/**
 * Average precision, Σ (Rₙ − Rₙ₋₁)·Pₙ over the thresholds, of each class; its mean is the mean average
 * precision of a multi-label classifier.
 *
 * @see Everingham et al. 2010, "The Pascal visual object classes challenge"
 */
export class AveragePrecision extends RankingMetric {
  /** @internal */
  protected override operation(): string {
    return 'AveragePrecision'
  }

  /** @internal */
  protected override figure(ranked: readonly Ranked[]): number {
    const positives = ranked.filter(({ positive }) => positive).length
    if (positives === 0) return NaN
    let [hits, seen, total] = [0, 0, 0]
    for (const { ties } of tieGroups(ranked)) {
      const fresh = ties.filter(({ positive }) => positive).length
      hits += fresh
      seen += ties.length
      total += (fresh / positives) * (hits / seen)
    }
    return total
  }
}

function* tieGroups(ranked: readonly Ranked[]): Generator<{ readonly ties: readonly Ranked[] }> {
  for (let from = 0; from < ranked.length;) {
    let to = from + 1
    while (to < ranked.length && ranked[to]!.score === ranked[from]!.score) to++
    yield { ties: ranked.slice(from, to) }
    from = to
  }
}
