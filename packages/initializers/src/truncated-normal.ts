import { ValueError, clamp, erf, randomUniform, tensor } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkNormal, type NormalOptions } from './distributions.ts'
import { inverseErf } from './inverse-erf.ts'

/**
 * The standard deviation of what is left of N(0, 1) between −2 and 2: √(1 − 4·φ(2) / (2·Φ(2) − 1)).
 */
export const TRUNCATED_DEVIATION = 0.8796256610342398

export interface TruncatedNormalOptions extends NormalOptions {
  /** Least value; default `mean − 2·std`. */
  low?: number
  /** Greatest value; default `mean + 2·std`. */
  high?: number
}

/**
 * Independent draws from N(mean, std²), on the condition that they fall into [low, high].
 *
 * With the default bounds the standard deviation of what comes out is 0.8796·std.
 *
 * @throws ValueError when `std` is not above 0 or `low ≥ high`
 */
export function truncatedNormal(shape: readonly number[], options: TruncatedNormalOptions = {}): Tensor {
  const { mean = 0, std = 1, dtype = 'float32', generator } = options
  checkNormal('truncatedNormal', mean, std)
  const { low = mean - 2 * std, high = mean + 2 * std } = options
  if (!(low < high))
    throw new ValueError(`truncatedNormal: low and high are not an interval: ${low}, ${high}`)
  // The inverse of the distribution function at a uniform draw between its values at the bounds.
  const scale = std * Math.SQRT2
  const from = erf(tensor((low - mean) / scale, { dtype }))
  const to = erf(tensor((high - mean) / scale, { dtype }))
  const draw = randomUniform(shape, { dtype, generator })
  const value = inverseErf(draw.mul(to.sub(from)).add(from))
    .mul(scale)
    .add(mean)
  return clamp(value, { min: low, max: high })
}
