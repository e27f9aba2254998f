import { evaluate, isTensor, ShapeError, type Tensor } from '@badak/tensor'

/** What a metric takes from a batch: tensors that are computed along with the step, and numbers known before. */
export type Measurement = readonly (Tensor | number)[]

/** What a metric has gathered, as JSON can hold it. */
export type MetricState = readonly (readonly number[])[]

/**
 * A figure that is gathered batch by batch, such as accuracy.
 *
 * A subclass says which tensors it needs of a batch (`measure`), how their values are added to what it has
 * (`add`) and what that comes to (`value`). `fit` measures within the plan of a training step, so that a
 * metric costs no pass of its own.
 *
 * @example
 * ```ts
 * const accuracy = new Accuracy()
 * for await (const { x, t } of loader) await accuracy.update(model.forward(x), t)
 * accuracy.value
 * ```
 */
export abstract class Metric<Value = number> {
  /** What is needed of a batch. Builds tensors, computes nothing. */
  abstract measure(output: Tensor, target: Tensor): Measurement

  /** Adds the values of a measurement, in its order. */
  abstract add(values: readonly ArrayLike<number>[]): void

  /** What has been gathered comes to this; NaN, for a number, when there is nothing. */
  abstract get value(): Value

  /** Forgets what has been gathered. */
  abstract reset(): void

  /** What has been gathered; setting it goes on from there. */
  abstract get state(): MetricState

  abstract set state(state: MetricState)

  /** Measures a batch and adds it. */
  async update(output: Tensor, target: Tensor): Promise<void> {
    const measurement = this.measure(output, target)
    await evaluate(...measurement.filter(isTensor))
    this.add(await readMeasurement(measurement))
  }
}

/** Metrics by the name of their figure. */
export type Metrics = Readonly<Record<string, Metric<unknown>>>

/** The metrics that are numbers. */
export function numbersOf(metrics: Metrics): Record<string, number> {
  return Object.fromEntries(
    Object.entries(metrics)
      .map(([name, metric]) => [name, metric.value] as const)
      .filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  )
}

/** The values of a measurement whose tensors have been computed. */
export async function readMeasurement(measurement: Measurement): Promise<ArrayLike<number>[]> {
  return Promise.all(
    measurement.map(async (part): Promise<ArrayLike<number>> =>
      typeof part === 'number' ? [part] : part.data(),
    ),
  )
}

/** A metric made of sums: each part of its measurement is added, element by element, to a list of totals. */
export abstract class TallyMetric<Value = number> extends Metric<Value> {
  #totals: number[][] = []

  /** The sums so far, one list for each part of the measurement; none before the first batch. */
  protected get totals(): readonly (readonly number[])[] {
    return this.#totals
  }

  override add(values: readonly ArrayLike<number>[]): void {
    this.#totals = values.map((part, i) =>
      Array.from(part, (value, j) => (this.#totals[i]?.[j] ?? 0) + value),
    )
  }

  override reset(): void {
    this.#totals = []
  }

  override get state(): MetricState {
    return this.#totals.map((part) => [...part])
  }

  override set state(state: MetricState) {
    this.#totals = state.map((part) => [...part])
  }
}

/** A metric that is the ratio of the first two sums it measures. */
export abstract class RatioMetric extends TallyMetric {
  override get value(): number {
    const [numerator, denominator] = this.ratio
    return numerator / denominator
  }

  /** Both sums so far. */
  get ratio(): readonly [numerator: number, denominator: number] {
    const [[numerator = 0] = [], [denominator = 0] = []] = this.totals
    return [numerator, denominator]
  }
}

/** How far the metrics that are ratios are. */
export function ratiosOf(metrics: Metrics): Record<string, RatioMetric['ratio']> {
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([name, metric]) =>
      metric instanceof RatioMetric ? [[name, metric.ratio]] : [],
    ),
  )
}

/** What the metrics that are ratios come to in what has been added since they were as `before` says. */
export function figuresSince(
  before: Readonly<Record<string, RatioMetric['ratio']>>,
  metrics: Metrics,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(ratiosOf(metrics)).map(([name, [numerator, denominator]]) => [
      name,
      (numerator - before[name]![0]) / (denominator - before[name]![1]),
    ]),
  )
}

/**
 * Checks scores `[N, C, …]` against classes `[N, …]`.
 *
 * @throws ShapeError when they do not fit
 */
export function checkClassScores(operation: string, output: Tensor, target: Tensor): void {
  const expected = [output.shape[0], ...output.shape.slice(2)]
  const fits =
    output.rank >= 2 &&
    target.rank === output.rank - 1 &&
    expected.every((size, axis) => size === target.shape[axis])
  if (fits) return
  throw new ShapeError(
    `${operation}: scores are [N, C, ...] and targets [N, ...]: [${output.shape}] and [${target.shape}]`,
  )
}
