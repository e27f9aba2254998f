import { ValueError } from '../errors.ts'
import { wrap } from '../graph/handle.ts'
import type { Tensor } from '../tensor.ts'
import { greater, less } from './comparison.ts'
import { nodeOf, type TensorLike } from './operand.ts'
import { where } from './where.ts'

/**
 * `x`, but not below `min` nor above `max`; NaN stays. The gradient is 1 from `min` to `max`, bounds
 * included, else 0.
 *
 * @throws ValueError when neither bound is given, or `min > max`
 */
export function clamp(x: TensorLike, { min, max }: { min?: number; max?: number }): Tensor {
  if (min === undefined && max === undefined) throw new ValueError('clamp: neither min nor max is given')
  if (Number.isNaN(min) || Number.isNaN(max))
    throw new ValueError(`clamp: a bound is not a number: min ${min}, max ${max}`)
  if (min !== undefined && max !== undefined && min > max)
    throw new ValueError(`clamp: min exceeds max: ${min} > ${max}`)
  let result: Tensor = wrap(nodeOf('clamp', x))
  // Not maximum(x, min): a value at the bound would pass half of its gradient.
  if (min !== undefined) result = where(less(result, min), min, result)
  if (max !== undefined) result = where(greater(result, max), max, result)
  return result
}
