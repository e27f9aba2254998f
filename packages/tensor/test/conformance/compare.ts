import type { DType } from '../../src/index.ts'

/**
 * How `got` disagrees with `want`; empty if it does not: errors of at most `tolerance` relative to the
 * element or to the root mean square of the array, whichever is greater. NaN and infinities must be where
 * they are expected.
 */
export function disagreement(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number): string {
  if (got.length !== want.length) return `${got.length} elements instead of ${want.length}`
  const typical = rootMeanSquare(want)
  let worst = 0
  let at = -1
  for (let k = 0; k < want.length; k++) {
    const [x, y] = [got[k]!, want[k]!]
    if (x === y || (Number.isNaN(x) && Number.isNaN(y))) continue
    const error = Math.abs(x - y) / Math.max(Math.abs(y), typical)
    if (error <= worst) continue
    worst = Number.isNaN(error) ? Infinity : error
    at = k
  }
  if (worst <= tolerance) return ''
  const excess = `relative error ${worst.toExponential(2)} exceeds ${tolerance.toExponential(2)}`
  return `element ${at} of ${want.length} is ${got[at]}, expected ${want[at]}: ${excess}`
}

/** What an output of a type may err by: integers and booleans not at all. */
export function toleranceFor(dtype: DType, float32: number, float64: number): number {
  return { float16: float32, float32, float64, int32: 0, uint8: 0, bool: 0 }[dtype]
}

function rootMeanSquare(values: ArrayLike<number>): number {
  const finite = Array.from(values).filter((value) => Number.isFinite(value))
  return Math.sqrt(finite.reduce((sum, value) => sum + value * value, 0) / Math.max(finite.length, 1))
}
