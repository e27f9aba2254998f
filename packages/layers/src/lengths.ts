import { DTypeError, ShapeError, ValueError, arange, isTensor, less, tensor } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { firstWhere, show } from './arguments.ts'

/** How many steps of each example count, the others being padding: N integers. */
export type Lengths = Tensor | readonly number[]

/**
 * The lengths in int32, `[N]`. Those that were computed are not looked at.
 *
 * @param what of what they are the lengths
 * @throws ShapeError when there are not `count` of them; DTypeError when they are not integers by type
 * @throws ValueError when one that came from the host is not an integer from 0 to `longest`
 * @internal
 */
export function readLengths(
  operation: string,
  what: string,
  lengths: Lengths,
  count: number,
  longest: number,
): Tensor {
  const given = isTensor(lengths) ? lengths : tensor(Float64Array.from(lengths))
  if (given.rank !== 1 || given.size !== count)
    throw new ShapeError(
      `${operation}: ${what} are not [${count}], one for each example: ${show(given.shape)}`,
    )
  if (isTensor(lengths) && given.dtype !== 'int32' && given.dtype !== 'uint8') {
    throw new DTypeError(
      `${operation}: ${what} are ${given.dtype}: make them int32: tensor(lengths, { dtype: 'int32' })`,
    )
  }
  const wrong = firstWhere(given, (length) => !(Number.isInteger(length) && length >= 0 && length <= longest))
  if (wrong) {
    throw new ValueError(
      `${operation}: ${what}: ${wrong.value} at ${wrong.at} is not an integer from 0 to ${longest}`,
    )
  }
  return isTensor(lengths) ? given.cast('int32') : tensor(Int32Array.from(lengths))
}

/** Where the steps of the examples are, which may end before the sequence does. */
export interface Running {
  /** bool, `[T, N, 1]`. */
  readonly all: Tensor
  /** The same by step, bool, `[N, 1]` each. */
  readonly steps: readonly Tensor[]
}

/** From lengths, int32 `[N]`, in sequences of `T` steps. */
export function runningSteps(lengths: Tensor, T: number): Running {
  const positions = arange(0, T, 1, { dtype: 'int32' }).reshape([T, 1, 1])
  const all = less(positions, lengths.unsqueeze(1))
  return { all, steps: all.reshape([T * lengths.size, 1]).split(T) }
}
