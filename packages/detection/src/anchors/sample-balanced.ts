import { ValueError, defaultGenerator } from '@badak/tensor'
import type { Generator } from '@badak/tensor'
import { checkShare } from '../boxes/box-rows.ts'
import { BACKGROUND } from './match-anchors.ts'

/** How many are drawn. */
export interface SampleOptions {
  /** How many in all, if there are as many; default 256. */
  count?: number
  /** The largest share of positive ones; default 0.5. */
  positiveFraction?: number
  /** Default: the stream that `seed` starts. */
  generator?: Generator
}

/** Positions that were drawn, ascending. */
export interface BalancedSample {
  readonly positive: Int32Array
  readonly negative: Int32Array
}

/**
 * Draws from the matches of `matchAnchors` those that a loss looks at: at most `positiveFraction · count`
 * that stand for an object, and as many of the background as fill up to `count`. Those between the
 * thresholds are never drawn.
 *
 * @param matches `[N]`: ≥ 0 for an object, −1 for the background
 * @throws ValueError when `count` is not an integer ≥ 0, or `positiveFraction` not from 0 to 1
 * @see Ren, He, Girshick & Sun 2015, arXiv:1506.01497, section 3.1.3
 */
export function sampleBalanced(matches: ArrayLike<number>, options: SampleOptions = {}): BalancedSample {
  const { count = 256, positiveFraction = 0.5, generator = defaultGenerator } = options
  if (!(Number.isSafeInteger(count) && count >= 0))
    throw new ValueError(`sampleBalanced: count is not an integer ≥ 0: ${String(count)}`)
  checkShare('sampleBalanced', 'positiveFraction', positiveFraction)
  const positive: number[] = []
  const negative: number[] = []
  for (let i = 0; i < matches.length; i++) {
    if (matches[i]! >= 0) positive.push(i)
    else if (matches[i] === BACKGROUND) negative.push(i)
  }
  const some = draw(positive, Math.floor(count * positiveFraction), generator)
  return { positive: some, negative: draw(negative, count - some.length, generator) }
}

/** The first steps of a shuffle: as many random numbers as are drawn, of however many. */
function draw(list: number[], count: number, generator: Generator): Int32Array {
  const drawn = Math.min(count, list.length)
  if (drawn === list.length) return Int32Array.from(list)
  for (let i = 0; i < drawn; i++) {
    const j = i + generator.integers(list.length - i)
    const item = list[i]!
    list[i] = list[j]!
    list[j] = item
  }
  return Int32Array.from(list.slice(0, drawn)).sort()
}
