import type { Filter } from './filters.ts'

/** Weights are multiples of 2^−22, as Pillow has them for 8 bits: all its bits come out again. */
export const PRECISION_BITS = 22

/** Half of a whole: sums begin with it, so that they are rounded rather than cut off. */
export const HALF = 2 ** (PRECISION_BITS - 1)

/** What each pixel of a line becomes a sum of. */
export interface Coefficients {
  /** Of each pixel that is made: the first that it is made of. */
  readonly first: Int32Array
  /** And how many. */
  readonly count: Int32Array
  /** `size` weights for each. */
  readonly weights: Int32Array
  readonly size: number
}

/** The filter is stretched where the line gets shorter, so that every pixel counts ("antialiasing"). */
export function coefficientsOf(from: number, to: number, { support, weight }: Filter): Coefficients {
  const scale = from / to
  const stretch = Math.max(scale, 1)
  // Multiplied with rather than divided by, as in Pillow: the last bit counts.
  const shrink = 1 / stretch
  const reach = support * stretch
  const size = Math.ceil(reach) * 2 + 1
  const result: Coefficients = {
    first: new Int32Array(to),
    count: new Int32Array(to),
    weights: new Int32Array(to * size),
    size,
  }
  const line = new Float64Array(size)
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale
    const first = Math.max(0, Math.trunc(centre - reach + 0.5))
    const count = Math.min(from, Math.trunc(centre + reach + 0.5)) - first
    let sum = 0
    for (let j = 0; j < count; j++) {
      line[j] = weight((j + first - centre + 0.5) * shrink)
      sum += line[j]!
    }
    result.first[i] = first
    result.count[i] = count
    for (let j = 0; j < count; j++)
      result.weights[i * size + j] = fixed(sum === 0 ? line[j]! : line[j]! / sum)
  }
  return result
}

function fixed(weight: number): number {
  return Math.trunc(weight * 2 ** PRECISION_BITS + (weight < 0 ? -0.5 : 0.5))
}
