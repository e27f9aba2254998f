import { abs, equal, pow, sqrt, where } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'

/** `(Σ |x|ᵖ)^(1/p)` along an axis, which stays with size 1; the gradient of a vector of zeros is 0. */
export function vectorNorm(x: Tensor, p: number, axis: number): Tensor {
  const along = { axis, keepDims: true }
  if (p === Infinity) return abs(x).max(along)
  if (p === 1) return abs(x).sum(along)
  if (p === 2) return unlessZero(x.mul(x).sum(along), sqrt)
  const powers = unlessZero(abs(x), (size) => pow(size, p))
  return unlessZero(powers.sum(along), (total) => pow(total, 1 / p))
}

/** f(x), and 0 without a gradient where x is 0 and f has none. */
function unlessZero(x: Tensor, f: (x: Tensor) => Tensor): Tensor {
  const zero = equal(x, 0)
  return where(zero, 0, f(where(zero, 1, x)))
}
