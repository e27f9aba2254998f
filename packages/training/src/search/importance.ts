import type { Space } from './space.ts'
import type { Trial } from './trial.ts'

/** The share of the variance of values that each hyper-parameter explains alone: ω², not below 0. */
export function importanceOf(space: Space, trials: readonly Trial[]): Record<string, number> {
  // Ranks: one diverged trial must not be all of the variance.
  const values = trials.map((_, rank) => rank)
  return Object.fromEntries(
    Object.entries(space).map(([name, dimension]) => {
      const places = trials.map(({ parameters }) => dimension.placeOf(parameters[name]!))
      const groups = dimension.kind === 'choice' ? groupEqual(places) : groupNear(places)
      return [name, explained(values, groups)]
    }),
  )
}

/** ω² = (SS_between − (k − 1)·MS_within) / (SS_total + MS_within). @see Hays 1963 */
function explained(values: readonly number[], groups: readonly (readonly number[])[]): number {
  const [n, k] = [values.length, groups.length]
  if (k < 2 || n <= k) return 0
  const mean = average(values)
  const total = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const between = groups.reduce((sum, group) => {
    const groupMean = average(group.map((i) => values[i]!))
    return sum + group.length * (groupMean - mean) ** 2
  }, 0)
  const within = (total - between) / (n - k)
  return Math.max(0, (between - (k - 1) * within) / (total + within))
}

function groupEqual(places: readonly number[]): number[][] {
  const groups = new Map<number, number[]>()
  places.forEach((place, i) => groups.set(place, [...(groups.get(place) ?? []), i]))
  return [...groups.values()]
}

/** Up to eight groups of neighbours, of four or more; equal places stay together. */
function groupNear(places: readonly number[]): number[][] {
  const order = places.map((_, i) => i).toSorted((a, b) => places[a]! - places[b]!)
  const count = Math.max(1, Math.min(8, Math.floor(places.length / 4)))
  const groups: number[][] = []
  for (const [rank, i] of order.entries()) {
    const due = Math.floor((rank * count) / places.length)
    const last = groups.at(-1)
    if (last && (due < groups.length || places[last.at(-1)!] === places[i])) last.push(i)
    else groups.push([i])
  }
  return groups
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
