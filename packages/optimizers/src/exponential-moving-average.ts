import type { Cell } from '@badak/tensor'
import { checkNumber } from './optimizer.ts'
import { WeightAverage } from './weight-average.ts'

/** Options of `ExponentialMovingAverage`. */
export interface ExponentialMovingAverageOptions {
  /** How much of the average is kept at each update, in [0, 1); default 0.999. */
  decay: number
  /**
   * Whether the decay begins small, as min(decay, (1 + n) / (10 + n)) after n updates, so that the average
   * soon forgets the first weights; default false.
   */
  warmUp: boolean
}

/**
 * A moving average of weights, which often generalises better than the weights themselves: at each `update()`
 *
 * - a ← decay·a + (1 − decay)·w
 *
 * It begins with the weights at hand. Cells of integers are copied.
 *
 * @example
 * ```ts
 * const average = new ExponentialMovingAverage(model.parameters(), { decay: 0.999 })
 * // in training
 * optimizer.step()
 * average.update()
 * // in evaluation
 * average.apply()
 * await validate(model)
 * average.restore()
 * ```
 * @see Polyak & Juditsky 1992, "Acceleration of stochastic approximation by averaging"; Tarvainen & Valpola
 *   2017, arXiv:1703.01780
 */
export class ExponentialMovingAverage extends WeightAverage {
  readonly decay: number
  readonly warmUp: boolean

  /**
   * @param cells parameters, and states such as running statistics
   * @throws ValueError when there are no cells, or the decay is not in [0, 1)
   */
  constructor(cells: readonly Cell[], options: Partial<ExponentialMovingAverageOptions> = {}) {
    const { decay = 0.999, warmUp = false } = options
    super('ExponentialMovingAverage', cells)
    checkNumber('ExponentialMovingAverage', 'decay', decay, 0, 1)
    this.decay = decay
    this.warmUp = warmUp
  }

  protected override freshShare(updates: number): number {
    return 1 - (this.warmUp ? Math.min(this.decay, (1 + updates) / (10 + updates)) : this.decay)
  }
}
