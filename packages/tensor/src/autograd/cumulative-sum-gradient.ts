import { cumsum } from '../ops/cumulative-sum.ts'
import { flip } from '../ops/slice.ts'
import type { Gradient } from './gradients.ts'

/** Each element is in its own sum and in all later ones. */
export const cumulativeSumGradient: Gradient<'cumulativeSum'> = (g, { op: { axis } }) =>
  flip(cumsum(flip(g, axis), { axis }), axis)
