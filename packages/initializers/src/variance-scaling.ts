import { ValueError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { normal, uniform } from './distributions.ts'
import { fanOf, type FanMode } from './fans.ts'
import type { InitializerOptions } from './initializer.ts'
import { truncatedNormal, TRUNCATED_DEVIATION } from './truncated-normal.ts'

export interface VarianceScalingOptions extends InitializerOptions {
  /** Variance times fan; default 1. */
  scale?: number
  /** Default `fanIn`. */
  mode?: FanMode
  /** Default `truncatedNormal`, which leaves out what is more than two deviations from 0. */
  distribution?: 'truncatedNormal' | 'normal' | 'uniform'
}

/**
 * Independent draws with mean 0 and variance scale / fan. Xavier's, He's and LeCun's initializers are special
 * cases: scale 1 with the average fan, scale 2 with fanIn, scale 1 with fanIn.
 *
 * @param shape `[out, in]` or `[O, C / groups, ...K]`
 * @throws ShapeError when there are fewer than 2 axes
 * @throws ValueError when the scale is no number ≥ 0, or mode or distribution are unknown
 * @see Glorot & Bengio 2010; He et al. 2015, arXiv:1502.01852
 * @example varianceScaling([100, 784], { scale: 2, distribution: 'normal' }) // heNormal
 */
export function varianceScaling(shape: readonly number[], options: VarianceScalingOptions = {}): Tensor {
  return scaled('varianceScaling', shape, options)
}

/** `varianceScaling` under the name of `operation`. */
export function scaled(
  operation: string,
  shape: readonly number[],
  { scale = 1, mode = 'fanIn', distribution = 'truncatedNormal', ...options }: VarianceScalingOptions,
): Tensor {
  if (!Number.isFinite(scale) || scale < 0)
    throw new ValueError(`${operation}: scale is not a number ≥ 0: ${String(scale)}`)
  // A weight without elements has no fans; any deviation will do.
  const std = Math.sqrt(scale / Math.max(1, fanOf(operation, shape, mode)))
  switch (distribution) {
    case 'uniform':
      return uniform(shape, { ...options, low: -Math.sqrt(3) * std, high: Math.sqrt(3) * std })
    case 'normal':
      return normal(shape, { ...options, std })
    case 'truncatedNormal':
      // No interval is left around a deviation of 0.
      if (std === 0) return normal(shape, { ...options, std })
      return truncatedNormal(shape, { ...options, std: std / TRUNCATED_DEVIATION })
    default:
      throw new ValueError(
        `${operation}: unknown distribution ${JSON.stringify(distribution)}: ` +
          'expected truncatedNormal, normal or uniform',
      )
  }
}
