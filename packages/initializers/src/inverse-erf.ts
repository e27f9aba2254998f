import { clamp, log, neg, sqrt, sub, where } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'

// Coefficients for the bulk and for the tails, highest power first.
const bulk = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 2.1858087e-4, -1.25372503e-3, -4.17768164e-3,
  0.246640727, 1.50140941,
]
const tail = [
  -2.00214257e-4, 1.00950558e-4, 1.34934322e-3, -3.67342844e-3, 5.73950773e-3, -7.6224613e-3, 9.43887047e-3,
  1.00167406, 2.83297682,
]

/** The float32 next to 1. */
const LARGEST = 1 - 2 ** -24

/**
 * The inverse of erf on (−1, 1), to single precision.
 *
 * @see Giles 2010, "Approximating the erfinv function", GPU Computing Gems, table 5
 */
export function inverseErf(x: Tensor): Tensor {
  const inside = clamp(x, { min: -LARGEST, max: LARGEST })
  // Not log1p(−x²): near ±1 the square loses what 1 − x keeps exactly.
  const w = neg(log(sub(1, inside).mul(inside.add(1))))
  const factor = where(w.less(5), polynomial(bulk, w.sub(2.5)), polynomial(tail, sqrt(w).sub(3)))
  return factor.mul(inside)
}

function polynomial(coefficients: readonly number[], x: Tensor): Tensor {
  const [highest = 0, ...rest] = coefficients
  return rest.reduce((sum, coefficient) => sum.mul(x).add(coefficient), x.mul(0).add(highest))
}
