import type { DType } from '../dtype.ts'
import { DTypeError } from '../errors.ts'
import { wrap } from '../graph/handle.ts'
import type { Tensor } from '../tensor.ts'
import { castNode, nodeOf, type TensorLike } from './operand.ts'

const dtypes: Record<DType, true> = {
  float32: true,
  float64: true,
  float16: true,
  int32: true,
  uint8: true,
  bool: true,
}

/** @throws DTypeError unless `dtype` is an element type */
export function checkDType(operation: string, dtype: DType): DType {
  if (Object.hasOwn(dtypes, dtype)) return dtype
  throw new DTypeError(
    `${operation}: no element type: ${dtype as string} (there are ${Object.keys(dtypes).join(', ')})`,
  )
}

/**
 * `x` in another element type: towards 0 for integers, `≠ 0` for bool.
 *
 * @throws DTypeError when there is no such type
 */
export function cast(x: TensorLike, dtype: DType): Tensor {
  return wrap(castNode(nodeOf('cast', x), checkDType('cast', dtype)))
}
