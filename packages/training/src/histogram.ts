/** How values are spread. */
export interface Histogram {
  readonly min: number
  readonly max: number
  readonly count: number
  readonly sum: number
  readonly sumSquares: number
  /** The upper end of each bin; the lower end of the first is `min`. */
  readonly limits: readonly number[]
  /** How many values are in each bin. */
  readonly counts: readonly number[]
  /** How many values are NaN or infinite, and in no bin. */
  readonly nonFinite: number
}

/** Counts values in bins of equal width between the least and the greatest of them. */
export function histogramOf(values: ArrayLike<number>, bins = 30): Histogram {
  let [min, max, sum, sumSquares, count] = [Infinity, -Infinity, 0, 0, 0]
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (!Number.isFinite(value)) continue
    count++
    sum += value
    sumSquares += value * value
    if (value < min) min = value
    if (value > max) max = value
  }
  const nonFinite = values.length - count
  if (count === 0) return { min: 0, max: 0, count, sum, sumSquares, limits: [], counts: [], nonFinite }
  const width = (max - min) / bins
  const used = width > 0 ? bins : 1
  const counts = Array.from({ length: used }, () => 0)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (Number.isFinite(value))
      counts[width > 0 ? Math.min(used - 1, Math.floor((value - min) / width)) : 0]!++
  }
  const limits = counts.map((_, i) => (i === used - 1 ? max : min + width * (i + 1)))
  return { min, max, count, sum, sumSquares, limits, counts, nonFinite }
}
