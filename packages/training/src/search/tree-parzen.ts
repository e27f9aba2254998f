import { type Generator, ValueError } from '@badak/tensor'
import { type Dimension, fromPlaces, sample } from './space.ts'
import type { Strategy } from './strategies.ts'
import { checkCount } from '../arguments.ts'

/** How `treeParzen` weighs. */
export interface TreeParzenOptions {
  /** Trials that are drawn at random before; default 10. */
  startup?: number
  /** The share of trials that counts as good, 25 at most; default 0.1. */
  good?: number
  /** How many candidates are compared for each choice; default 24. */
  candidates?: number
}

/**
 * The tree-structured Parzen estimator: it models where the good trials lie and where the others do, and takes
 * the candidate that is most likely among the former in relation to the latter. Each hyper-parameter by itself.
 *
 * @see Bergstra, Bardenet, Bengio & Kégl 2011, "Algorithms for hyper-parameter optimization", section 4
 */
export function treeParzen({ startup = 10, good = 0.1, candidates = 24 }: TreeParzenOptions = {}): Strategy {
  checkCount('treeParzen', 'startup', startup, 2)
  if (!(good > 0 && good < 1)) throw new ValueError(`treeParzen: good is not in (0, 1): ${good}`)
  checkCount('treeParzen', 'candidates', candidates)
  return {
    name: 'tree-structured Parzen estimator',
    suggest({ space, ranking, generator }) {
      if (ranking.length < startup) return sample(space, generator)
      const split = Math.min(25, Math.ceil(good * ranking.length))
      return fromPlaces(space, (name, dimension) => {
        const places = ranking.map(({ parameters }) => dimension.placeOf(parameters[name]!))
        const [better, worse] = [places.slice(0, split), places.slice(split)]
        const [likely, unlikely] = [density(dimension, better), density(dimension, worse)]
        let [best, score] = [0.5, -Infinity]
        for (let i = 0; i < candidates; i++) {
          const place = likely.draw(generator)
          const ratio = likely.at(place) / unlikely.at(place)
          if (ratio > score) [best, score] = [place, ratio]
        }
        return best
      })
    },
  }
}

/** A distribution over places, from 0 to 1. */
interface Density {
  at(place: number): number
  draw(generator: Generator): number
}

function density(dimension: Dimension, places: readonly number[]): Density {
  return dimension.kind === 'choice' ? histogram(dimension, places) : mixture(places)
}

/** How often each value was chosen, and once more for the prior. */
function histogram({ bounds: [, last] }: Dimension, places: readonly number[]): Density {
  const count = last + 1
  const weights = Array.from({ length: count }, () => 1)
  const indexOf = (place: number): number => Math.min(last, Math.floor(place * count))
  for (const place of places) weights[indexOf(place)]!++
  const total = places.length + count
  return {
    at: (place) => weights[indexOf(place)]! / total,
    draw(generator) {
      let rest = generator.uniform() * total
      const index = weights.findIndex((weight) => (rest -= weight) < 0)
      return ((index < 0 ? last : index) + 0.5) / count
    },
  }
}

/**
 * Normal distributions around each place and, for the prior, a wide one in the middle, all cut off at 0 and 1.
 * Each is as wide as it is far to the farther one of its neighbours, within limits.
 */
function mixture(places: readonly number[]): Density {
  const sorted = [...places, 0.5].toSorted((a, b) => a - b)
  const least = 1 / Math.min(100, places.length + 2)
  const parts = sorted.map((mean, i) => {
    const left = mean - (sorted[i - 1] ?? 0)
    const right = (sorted[i + 1] ?? 1) - mean
    return { mean, deviation: Math.min(1, Math.max(least, left, right)) }
  })
  const prior = parts.findIndex(({ mean }) => mean === 0.5)
  parts[prior] = { mean: 0.5, deviation: 1 }
  return {
    at: (place) => parts.reduce((sum, part) => sum + truncatedNormal(place, part), 0) / parts.length,
    draw(generator) {
      const { mean, deviation } = parts[Math.floor(generator.uniform() * parts.length)]!
      // At worst, around an end with a narrow deviation, every other draw lies outside.
      for (;;) {
        const place = mean + deviation * normal(generator)
        if (place >= 0 && place <= 1) return place
      }
    },
  }
}

function truncatedNormal(x: number, { mean, deviation }: { mean: number; deviation: number }): number {
  const z = (x - mean) / deviation
  const inside = cumulativeNormal((1 - mean) / deviation) - cumulativeNormal(-mean / deviation)
  return Math.exp(-0.5 * z * z) / (deviation * Math.sqrt(2 * Math.PI) * inside)
}

/** Within 7.5e-8. @see Abramowitz & Stegun 1964, 26.2.17 */
function cumulativeNormal(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  const tail = (Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)) * series
  return z > 0 ? 1 - tail : tail
}

/** @see Box & Muller 1958 */
function normal(generator: Generator): number {
  return Math.sqrt(-2 * Math.log(1 - generator.uniform())) * Math.cos(2 * Math.PI * generator.uniform())
}
