import { Generator, ValueError } from '@badak/tensor'
import { epochKey } from '../augment/draws.ts'

/** Which samples an epoch visits, in which order. */
export interface Sampler {
  /** How many samples an epoch visits. */
  readonly length: number
  /** Their positions in the data set: a function of seed and epoch alone. */
  order(draw: { readonly seed: number; readonly epoch: number }): Int32Array
}

/** The stream of an order. A key of its own for every (seed, epoch): their Philox streams are independent. */
function streamOf({ seed, epoch }: { readonly seed: number; readonly epoch: number }): Generator {
  return new Generator(epochKey(seed, epoch))
}

/** Samples from the first to the last. */
export function sequentialSampler(length: number): Sampler {
  return { length, order: () => Int32Array.from({ length }, (_, i) => i) }
}

/** Every sample once, in random order; what `shuffle: true` does. */
export function randomSampler(length: number): Sampler {
  return { length, order: (draw) => streamOf(draw).permutation(length) }
}

/** How many samples are drawn, and how. */
export interface WeightedSamplerOptions {
  /** How many samples an epoch visits; default: as many as there are weights. */
  readonly samples?: number
  /** Whether a sample may be drawn more than once; default true. */
  readonly replacement?: boolean
}

/**
 * Samples drawn at random, each as often as its weight says: rare classes may come more often.
 *
 * @param weights one for each sample, up to a factor
 * @param options
 * @throws ValueError when a weight is below 0, or there are too few above 0 to draw from without replacement
 * @see Efraimidis & Spirakis 2006, "Weighted random sampling with a reservoir"
 */
export function weightedSampler(weights: ArrayLike<number>, options: WeightedSamplerOptions = {}): Sampler {
  const { samples = weights.length, replacement = true } = options
  const sums = new Float64Array(weights.length)
  let [total, positive] = [0, 0]
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!
    if (!(weight >= 0 && Number.isFinite(weight))) {
      throw new ValueError(`weightedSampler: weights must be from 0: ${weight} for sample ${i}`)
    }
    total += weight
    if (weight > 0) positive++
    sums[i] = total
  }
  if (!Number.isInteger(samples) || samples < 0) {
    throw new ValueError(`weightedSampler: samples must be a count: ${samples}`)
  }
  if (samples > 0 && (total <= 0 || (!replacement && samples > positive))) {
    throw new ValueError(`weightedSampler: ${samples} samples of ${positive} with a weight above 0`)
  }
  const drawn = (generator: Generator): Int32Array =>
    Int32Array.from({ length: samples }, () => firstAbove(sums, generator.uniform() * total))
  const ranked = (generator: Generator): Int32Array => {
    // The largest u^(1 / weight) are a sample without replacement.
    const keys = Float64Array.from(weights, (weight) => Math.log(1 - generator.uniform()) / weight)
    const order = Int32Array.from(weights, (_, i) => i).filter((i) => weights[i]! > 0)
    return order.sort((a, b) => keys[b]! - keys[a]!).slice(0, samples)
  }
  return { length: samples, order: (draw) => (replacement ? drawn : ranked)(streamOf(draw)) }
}

/** The first position whose running sum is above `value`, by bisection. */
function firstAbove(sums: Float64Array, value: number): number {
  let [low, high] = [0, sums.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sums[middle]! > value) high = middle
    else low = middle + 1
  }
  return low
}

/** Weights for `weightedSampler` with which all classes come equally often. */
export function balancedWeights(labels: ArrayLike<number>): Float64Array {
  const counts = new Map<number, number>()
  for (let i = 0; i < labels.length; i++) counts.set(labels[i]!, (counts.get(labels[i]!) ?? 0) + 1)
  return Float64Array.from(labels, (label) => 1 / counts.get(label)!)
}

/**
 * Every sample once, in random order, but so that each stretch of an epoch, and so each batch, has the classes in
 * about the proportions that they have as a whole.
 */
export function stratifiedSampler(labels: ArrayLike<number>): Sampler {
  const classes = groupsOf(labels)
  return {
    length: labels.length,
    order(draw) {
      const generator = streamOf(draw)
      // The samples of a class are spread evenly over the epoch.
      const places = new Float64Array(labels.length)
      for (const members of classes) {
        const start = generator.uniform()
        for (const [k, i] of generator.shuffle(members.slice()).entries())
          places[i] = (k + start) / members.length
      }
      return generator.permutation(labels.length).sort((a, b) => places[a]! - places[b]!)
    },
  }
}

/** The positions of each class. */
export function groupsOf(labels: ArrayLike<number>): Int32Array[] {
  const groups = new Map<number, number[]>()
  for (let i = 0; i < labels.length; i++) {
    const group = groups.get(labels[i]!)
    if (group) group.push(i)
    else groups.set(labels[i]!, [i])
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, members]) => Int32Array.from(members))
}

/** Which part of the samples falls to this process. */
export interface DistributedSamplerOptions {
  /** From 0 to `worldSize` − 1. */
  readonly rank: number
  /** How many processes share the samples. */
  readonly worldSize: number
  /** Whether samples that do not fill a round are left out; default false: some come twice, so that all get as many. */
  readonly dropLast?: boolean
}

/**
 * Every `worldSize`-th sample of another sampler, so that processes that train together share an epoch. All must have
 * the same seed.
 *
 * @throws ValueError unless rank is an integer from 0 to worldSize − 1
 */
export function distributedSampler(sampler: Sampler, options: DistributedSamplerOptions): Sampler {
  const { rank, worldSize, dropLast = false } = options
  if (
    !(
      Number.isInteger(worldSize) &&
      worldSize >= 1 &&
      Number.isInteger(rank) &&
      rank >= 0 &&
      rank < worldSize
    )
  ) {
    throw new ValueError(`distributedSampler: rank must be an integer from 0 to ${worldSize - 1}: ${rank}`)
  }
  const share = sampler.length / worldSize
  const length = dropLast ? Math.floor(share) : Math.ceil(share)
  return {
    length,
    order(draw) {
      const order = sampler.order(draw)
      return Int32Array.from({ length }, (_, i) => order[(i * worldSize + rank) % order.length]!)
    },
  }
}
