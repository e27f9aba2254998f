import {
  DTypeError,
  ShapeError,
  ValueError,
  arange,
  concat,
  full,
  hostValues,
  isTensor,
  less,
  stack,
  take,
  tensor,
  where,
} from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { show } from '../arguments.ts'
import { readLengths, type Lengths } from '../lengths.ts'

const name = 'ctcLoss'

/** The targets of a batch. */
export interface Labellings {
  /** What each state of a path emits: blanks around and between the labels, int32 `[N, 2S + 1]`. */
  readonly states: Tensor
  /** How many labels each example has, int32 `[N]`. */
  readonly counts: Tensor
}

/** @throws ShapeError, DTypeError or ValueError when targets or lengths do not fit */
export function readLabellings(
  targets: Tensor,
  targetLengths: Lengths,
  N: number,
  C: number,
  blank: number,
): Labellings {
  if (targets.dtype !== 'int32' && targets.dtype !== 'uint8') {
    throw new DTypeError(
      `${name}: targets are ${targets.dtype}: make them int32: tensor(targets, { dtype: 'int32' })`,
    )
  }
  if (targets.rank !== 1 && !(targets.rank === 2 && targets.shape[0] === N))
    throw new ShapeError(
      `${name}: targets are neither [${N}, S] nor one after the other: ${show(targets.shape)}`,
    )
  const counts = readLengths(name, 'targetLengths', targetLengths, N, targets.shape.at(-1)!)
  const known = isTensor(targetLengths) ? hostValues(targetLengths) : targetLengths
  const labels = targets.rank === 2 ? targets.cast('int32') : padded(targets, known)
  checkLabels(targets, known, C, blank)
  const S = labels.shape[1]!
  const first = full([N, 1], blank, { dtype: 'int32' })
  if (S === 0) return { states: first, counts }
  const within = less(arange(0, S, 1, { dtype: 'int32' }), counts.unsqueeze(1))
  // What stands behind the labels may be no class.
  const kept = where(within, labels, blank)
  const pairs = stack([kept, full([N, S], blank, { dtype: 'int32' })], { axis: 2 }).reshape([N, 2 * S])
  return { states: concat([first, pairs], { axis: 1 }), counts }
}

/** Labels that stand one after the other, as `[N, S]`, S the most that an example has. */
function padded(targets: Tensor, lengths: ArrayLike<number> | undefined): Tensor {
  if (!lengths)
    throw new ValueError(`${name}: targets one after the other need lengths that are known, not computed`)
  const counts = Array.from(lengths)
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total !== targets.size)
    throw new ShapeError(`${name}: targetLengths add up to ${total}, targets are ${show(targets.shape)}`)
  const S = Math.max(0, ...counts)
  let start = 0
  const positions = counts.flatMap((count) => {
    const row = Array.from({ length: S }, (_, s) => (s < count ? start + s : 0))
    start += count
    return row
  })
  const index = tensor(Int32Array.from(positions), { shape: [counts.length, S] })
  return S === 0 ? index : take(targets, index).cast('int32')
}

/** Looks at labels and lengths that came from the host. */
function checkLabels(
  targets: Tensor,
  lengths: ArrayLike<number> | undefined,
  C: number,
  blank: number,
): void {
  const labels = hostValues(targets)
  if (!labels || !lengths) return
  const S = targets.rank === 2 ? targets.shape[1]! : undefined
  let start = 0
  for (let n = 0; n < lengths.length; n++) {
    for (let s = 0; s < lengths[n]!; s++) {
      const label = labels[(S === undefined ? start : n * S) + s]!
      const at = `label ${label} at position ${s} of example ${n}`
      if (label === blank) throw new ValueError(`${name}: ${at} is the blank`)
      if (label < 0 || label >= C)
        throw new ValueError(`${name}: ${at} is not one of ${C} classes (0 to ${C - 1})`)
    }
    start += lengths[n]!
  }
}
