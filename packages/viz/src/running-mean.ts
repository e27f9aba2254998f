/** Points to which a curve of steps is reduced: more cannot be seen. */
const POINTS = 400

/** How a running mean is taken. */
export interface RunningMeanOptions {
  /** Over how many steps; default 50. */
  readonly width?: number
  /** How many steps make one on the axis; default 1, so that steps are counted. */
  readonly stepsPerUnit?: number
}

/** Means over the steps before each, at evenly spaced places: what a curve of noisy steps can show. */
export function runningMean(
  values: ArrayLike<number>,
  { width = 50, stepsPerUnit = 1 }: RunningMeanOptions = {},
): { readonly x: number[]; readonly y: number[] } {
  const count = Math.min(values.length, POINTS)
  const [x, y]: [number[], number[]] = [[], []]
  for (let i = 0; i < count; i++) {
    const end = Math.ceil(((i + 1) * values.length) / count)
    const start = Math.max(0, end - width)
    let sum = 0
    for (let step = start; step < end; step++) sum += values[step]!
    x.push(end / stepsPerUnit)
    y.push(sum / (end - start))
  }
  return { x, y }
}
