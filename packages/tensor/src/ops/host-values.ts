import type { TypedArray } from '../dtype.ts'
import type { Tensor } from '../tensor.ts'

/**
 * The elements of a tensor that came from the host and has not been evaluated, without a copy: to look at,
 * not to change. `undefined` for everything else. Losses use it to refuse bad targets by the call that is
 * wrong.
 */
export function hostValues(x: Tensor): TypedArray | undefined {
  const { op } = x.node
  return op.kind === 'host' ? op.data : undefined
}
