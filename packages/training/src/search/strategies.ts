import { type Generator, ValueError } from '@badak/tensor'
import { type Dimension, fromPlaces, type Parameters, sample, type Space } from './space.ts'
import type { Trial } from './trial.ts'
import { checkCount } from '../arguments.ts'

/** What a strategy knows when it chooses. */
export interface Question<S extends Space = Space> {
  readonly space: S
  /** The number of the trial that it chooses for. */
  readonly number: number
  /** Trials that have ended with a value, the best first. */
  readonly ranking: readonly Trial[]
  /** A stream of random numbers for this trial alone. */
  readonly generator: Generator
}

/** A way to choose hyper-parameters. */
export interface Strategy {
  readonly name: string
  /** Chooses the values of a trial. */
  suggest<S extends Space>(question: Question<S>): Parameters<S>
  /** How many trials it has in all, where it knows. */
  size?(space: Space): number
}

/**
 * Draws each choice anew. With few hyper-parameters that matter among many it finds more than a grid of the
 * same size.
 *
 * @see Bergstra & Bengio 2012, "Random search for hyper-parameter optimization"
 */
export function randomSearch(): Strategy {
  return { name: 'random', suggest: ({ space, generator }) => sample(space, generator) }
}

/**
 * Every combination of `points` values of each hyper-parameter: at equal distances on its scale, ends
 * included; all values of a choice, and of integers if they are no more.
 */
export function gridSearch(points = 5): Strategy {
  checkCount('gridSearch', 'points', points, 2)
  const countOf = ({ kind, bounds: [low, high] }: Dimension): number => {
    const values = high - low + 1
    return kind === 'choice' || (kind === 'integer' && values < points) ? values : points
  }
  return {
    name: 'grid',
    size: (space) => Object.values(space).reduce((product, dimension) => product * countOf(dimension), 1),
    suggest({ space, number }) {
      let rest = number
      return fromPlaces(space, (_, dimension) => {
        const count = countOf(dimension)
        const index = rest % count
        rest = Math.floor(rest / count)
        const whole = dimension.kind === 'choice' || (dimension.kind === 'integer' && count < points)
        return whole ? (index + 0.5) / count : index / (count - 1)
      })
    },
  }
}

/** How `coarseToFine` narrows. */
export interface CoarseToFineOptions {
  /** Trials between two narrowings; default 20. */
  trialsPerRound?: number
  /** The share of the best trials whose values span the new ranges; default 0.25. */
  keep?: number
}

/**
 * Random search in rounds: after each, the range of every hyper-parameter becomes the one in which the best
 * trials lie (a choice: the values that they have). Wide first, then fine, as one does by hand.
 */
export function coarseToFine({ trialsPerRound = 20, keep = 0.25 }: CoarseToFineOptions = {}): Strategy {
  checkCount('coarseToFine', 'trialsPerRound', trialsPerRound, 2)
  if (!(keep > 0 && keep < 1)) throw new ValueError(`coarseToFine: keep is not in (0, 1): ${keep}`)
  return {
    name: 'coarse to fine',
    suggest({ space, number, ranking, generator }) {
      const round = Math.floor(number / trialsPerRound)
      // Only rounds that are over count, so that parallel trials of one round have the same ranges.
      const past = ranking.filter((trial) => trial.number < round * trialsPerRound)
      const best = past.slice(0, Math.max(2, Math.ceil(keep * trialsPerRound)))
      if (round === 0 || best.length < 2) return sample(space, generator)
      return fromPlaces(space, (name, dimension) => {
        const places = best.map(({ parameters }) => dimension.placeOf(parameters[name]!))
        if (dimension.kind === 'choice') return places[Math.floor(generator.uniform() * places.length)]!
        const [low, high] = [Math.min(...places), Math.max(...places)]
        // A range that two trials span by chance must not shut out what lies just beside it.
        const margin = 0.1 * (high - low)
        const [from, to] = [Math.max(0, low - margin), Math.min(1, high + margin)]
        return from + (to - from) * generator.uniform()
      })
    },
  }
}
