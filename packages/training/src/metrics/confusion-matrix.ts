import { argmax, equal, full, scatterAdd, type Tensor, where, zeros } from '@badak/tensor'
import type { IgnoreOptions } from './accuracy.ts'
import { checkClassScores, type Measurement, TallyMetric } from './metric.ts'
import { checkCount } from '../arguments.ts'

/** Counts by true class (row) and predicted class (column). */
export type Counts = readonly (readonly number[])[]

/** What is computed from a confusion matrix. Scores `[N, C, …]`, classes `[N, …]`. */
abstract class ConfusionMetric<Value> extends TallyMetric<Value> {
  /** The number of classes. */
  readonly classes: number
  readonly #ignoreIndex: number | undefined

  /** @throws ValueError when `classes` is not an integer ≥ 2 */
  constructor(classes: number, { ignoreIndex }: IgnoreOptions = {}) {
    super()
    checkCount(this.operation(), 'the number of classes', classes, 2)
    this.classes = classes
    this.#ignoreIndex = ignoreIndex
  }

  override measure(output: Tensor, target: Tensor): Measurement {
    checkClassScores(this.operation(), output, target)
    const { classes } = this
    const [truth, predicted] = [target.cast('int32'), argmax(output, { axis: 1 })]
    const cell = truth.mul(classes).add(predicted)
    const ignored = this.#ignoreIndex
    // What is ignored is counted in a cell of its own, after those of the matrix.
    const at = ignored === undefined ? cell : where(equal(truth, ignored), full([], classes * classes), cell)
    const index = at.cast('int32').reshape([-1])
    const ones = full([index.size], 1, { dtype: 'int32' })
    return [scatterAdd(zeros([classes * classes + 1], { dtype: 'int32' }), index, ones)]
  }

  /** Written out, since class names do not survive minification. @internal */
  protected abstract operation(): string

  /** Rows are true classes, columns predicted ones. */
  get matrix(): Counts {
    const { classes } = this
    const [totals = []] = this.totals
    return Array.from({ length: classes }, (_, row) =>
      Array.from({ length: classes }, (_, column) => totals[row * classes + column] ?? 0),
    )
  }
}

/** How often each class was taken for each other. */
export class ConfusionMatrix extends ConfusionMetric<Counts> {
  /** @internal */
  protected override operation(): string {
    return 'ConfusionMatrix'
  }

  override get value(): Counts {
    return this.matrix
  }
}

/** How figures of classes are put together. */
export interface AverageOptions extends IgnoreOptions {
  /**
   * `macro` (default): the mean over classes; `weighted`: by how many examples a class has; `micro`: of all
   * decisions together.
   */
  average?: 'macro' | 'micro' | 'weighted'
}

/** Hits, false alarms and misses of one class, or of several together. */
interface Outcome {
  readonly hits: number
  readonly alarms: number
  readonly misses: number
}

/** A figure of each class, averaged. */
abstract class OutcomeMetric extends ConfusionMetric<number> {
  readonly average: 'macro' | 'micro' | 'weighted'

  constructor(classes: number, options: AverageOptions = {}) {
    super(classes, options)
    this.average = options.average ?? 'macro'
  }

  /** The figure of each class; 0 for a class that neither occurs nor is predicted. */
  get perClass(): readonly number[] {
    return outcomes(this.matrix).map((outcome) => this.figure(outcome))
  }

  override get value(): number {
    const all = outcomes(this.matrix)
    const examples = sum(all.map(({ hits, misses }) => hits + misses))
    if (examples === 0) return NaN
    switch (this.average) {
      case 'micro':
        return this.figure({
          hits: sum(all.map(({ hits }) => hits)),
          alarms: sum(all.map(({ alarms }) => alarms)),
          misses: sum(all.map(({ misses }) => misses)),
        })
      case 'weighted':
        return sum(all.map((each) => this.figure(each) * (each.hits + each.misses))) / examples
      case 'macro':
        return sum(all.map((each) => this.figure(each))) / all.length
    }
  }

  /** The figure of a class, or of several together. @internal */
  protected abstract figure(outcome: Outcome): number
}

/** Of what was predicted to be of a class, the share that is. */
export class Precision extends OutcomeMetric {
  /** @internal */
  protected override operation(): string {
    return 'Precision'
  }

  /** @internal */
  protected override figure({ hits, alarms }: Outcome): number {
    return share(hits, hits + alarms)
  }
}

/** Of what is of a class, the share that was predicted to be. */
export class Recall extends OutcomeMetric {
  /** @internal */
  protected override operation(): string {
    return 'Recall'
  }

  /** @internal */
  protected override figure({ hits, misses }: Outcome): number {
    return share(hits, hits + misses)
  }
}

/** The harmonic mean of precision and recall. */
export class F1 extends OutcomeMetric {
  /** @internal */
  protected override operation(): string {
    return 'F1'
  }

  /** @internal */
  protected override figure({ hits, alarms, misses }: Outcome): number {
    return share(2 * hits, 2 * hits + alarms + misses)
  }
}

/**
 * The mean over classes of intersection over union, hits / (hits + false alarms + misses). Classes that
 * neither occur nor are predicted do not count.
 *
 * @see Long, Shelhamer & Darrell 2015, "Fully convolutional networks for semantic segmentation",
 *   arXiv:1411.4038, section 5
 */
export class MeanIoU extends ConfusionMetric<number> {
  /** @internal */
  protected override operation(): string {
    return 'MeanIoU'
  }

  /** Of each class; NaN for one that neither occurs nor is predicted. */
  get perClass(): readonly number[] {
    return outcomes(this.matrix).map(({ hits, alarms, misses }) => hits / (hits + alarms + misses))
  }

  override get value(): number {
    const known = this.perClass.filter((iou) => !Number.isNaN(iou))
    return sum(known) / known.length
  }
}

function outcomes(matrix: Counts): Outcome[] {
  return matrix.map((row, c) => ({
    hits: row[c]!,
    misses: sum(row) - row[c]!,
    alarms: sum(matrix.map((other) => other[c]!)) - row[c]!,
  }))
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
