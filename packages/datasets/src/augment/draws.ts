import { Generator, ValueError } from '@badak/tensor'

/** From the first to the second, which is not reached. */
export type Range = readonly [from: number, to: number]

/** A number in a range, all equally likely. */
export function between(generator: Generator, [from, to]: Range): number {
  return from === to ? from : from + (to - from) * generator.uniform()
}

/** Whether something of probability `p` happens. Draws a number only where that is not certain. */
export function chance(generator: Generator, p: number): boolean {
  if (p <= 0 || p >= 1) return p >= 1
  return generator.uniform() < p
}

/** `±limit` for a number, a range as it is. @throws ValueError when it runs backwards */
export function rangeAround(operation: string, name: string, range: number | Range): Range {
  const [from, to] = typeof range === 'number' ? [-range, range] : range
  if (from <= to && Number.isFinite(from) && Number.isFinite(to)) return [from, to]
  throw new ValueError(`${operation}: ${name} must be a range: ${from} to ${to}`)
}

/**
 * The stream from which sample `index` of an epoch takes its random numbers: a function of the three alone,
 * whatever the batch, the order and the thread. The streams of two samples share nothing: they are parts of
 * 2³² blocks of one Philox stream, whose first part gives the order of the epoch.
 *
 * @param seed from 0 to 2³² − 1
 * @param epoch
 * @param index from 0 to 2³² − 2
 * @param occurrence how often the sample has been drawn before in this epoch, where samples repeat
 */
export function sampleGenerator(seed: number, epoch: number, index: number, occurrence = 0): Generator {
  const generator = new Generator(0)
  const part = (BigInt(index) + 1n) << 32n
  generator.state = {
    key: epochKey(seed, epoch),
    offset: part + (BigInt(occurrence % 2 ** 12) << 20n),
  }
  return generator
}

/** The key of the stream of an epoch. */
export function epochKey(seed: number, epoch: number): bigint {
  return BigInt.asUintN(64, BigInt(seed) + (BigInt(epoch) << 32n))
}

/**
 * A source of many numbers in [0, 1), for noise: it takes its start from `generator`, in one step, and is some
 * fifty times as fast. 32 random bits.
 *
 * @see Blackman & Vigna 2018, "Scrambled linear pseudorandom number generators" (xoshiro128+), arXiv:1805.01407
 */
export function noiseSource(generator: Generator): () => number {
  const word = (): number => generator.integers(2 ** 32) | 0
  let [a, b, c, d] = [word() | 1, word(), word(), word()]
  return () => {
    const result = (a + d) >>> 0
    const t = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = (d << 11) | (d >>> 21)
    return result * 2 ** -32
  }
}

/** A source of many normal numbers of mean 0 and deviation 1. @see Box & Muller 1958 */
export function normalSource(generator: Generator): () => number {
  const uniform = noiseSource(generator)
  let spare: number | undefined
  return () => {
    if (spare !== undefined) {
      const number = spare
      spare = undefined
      return number
    }
    // 1 − u is never 0.
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
    const angle = 2 * Math.PI * uniform()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
}
