import type { Tensor } from '@badak/tensor'
import { type Measurement, RatioMetric } from './metric.ts'

/**
 * The mean of any function of output and target, over all its elements: `new Mean((y, t) => y.sub(t).abs())`
 * is the mean absolute error.
 */
export class Mean extends RatioMetric {
  readonly #of: (output: Tensor, target: Tensor) => Tensor

  constructor(of: (output: Tensor, target: Tensor) => Tensor) {
    super()
    this.#of = of
  }

  override measure(output: Tensor, target: Tensor): Measurement {
    const values = this.#of(output, target)
    return [values.sum(), values.size]
  }
}
