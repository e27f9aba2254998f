import type { State, Tensor } from '@badak/tensor'

/** mean ← mean + (x − mean)·fresh. Gives the new mean. */
export function followMean(mean: State, x: Tensor, fresh: Tensor): Tensor {
  const next = mean.add(x.sub(mean).mul(fresh))
  mean.assign(next)
  return next
}

/** square ← kept·square + fresh·x². Gives the new mean square. */
export function followSquare(square: State, x: Tensor, kept: Tensor, fresh: Tensor): Tensor {
  const next = square.mul(kept).add(x.mul(fresh).mul(x))
  square.assign(next)
  return next
}
