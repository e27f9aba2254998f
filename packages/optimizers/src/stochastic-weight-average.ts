import type { Cell } from '@badak/tensor'
import { WeightAverage } from './weight-average.ts'

/**
 * The plain mean of the weights at each `update()`, as a rule once per epoch in the last part of training:
 *
 * - a ← (n·a + w) / (n + 1)
 *
 * Recompute the running statistics of batch normalisation before such weights are used. Cells of integers are
 * copied.
 *
 * @example
 * ```ts
 * const average = new StochasticWeightAverage(model.parameters())
 * if (epoch >= 75) average.update()
 * ```
 * @see Izmailov et al. 2018, "Averaging weights leads to wider optima and better generalization",
 *   arXiv:1803.05407
 */
export class StochasticWeightAverage extends WeightAverage {
  /** @throws ValueError when there are no cells */
  constructor(cells: readonly Cell[]) {
    super('StochasticWeightAverage', cells)
  }

  protected override freshShare(updates: number): number {
    return 1 / (updates + 1)
  }
}
