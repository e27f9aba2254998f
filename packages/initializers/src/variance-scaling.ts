import { ValueError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { type Draw, drawNormal, drawUniform, scaled, type ScaledOptions } from './scaled.ts'
import { truncatedNormal, TRUNCATED_DEVIATION } from './truncated-normal.ts'

/** How the variance of `varianceScaling` follows from the fans, and from what is drawn. */
export interface VarianceScalingOptions extends ScaledOptions {
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
  const { distribution = 'truncatedNormal', ...rest } = options
  if (!Object.hasOwn(draws, distribution)) {
    throw new ValueError(
      `varianceScaling: unknown distribution ${JSON.stringify(distribution)}: ` +
        'expected truncatedNormal, normal or uniform',
    )
  }
  return scaled('varianceScaling', shape, draws[distribution], rest)
}

const drawTruncated: Draw = (shape, std, options) =>
  // No interval is left around a deviation of 0.
  std === 0
    ? drawNormal(shape, std, options)
    : truncatedNormal(shape, { ...options, std: std / TRUNCATED_DEVIATION })

const draws = { truncatedNormal: drawTruncated, normal: drawNormal, uniform: drawUniform }
