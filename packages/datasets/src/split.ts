import { Generator, ValueError } from '@badak/tensor'
import { groupsOf } from './loader/samplers.ts'

/** How positions are dealt out. */
export interface SplitOptions {
  /** Fixes who comes where; default 0. */
  readonly seed?: number
  /** The class of each sample: then every part has the classes in about the same proportions. */
  readonly stratify?: ArrayLike<number>
}

/**
 * Deals the positions 0 … length − 1 out to parts that have nothing in common: training, validation, test. Use with
 * `subset`.
 *
 * @param length how many samples there are
 * @param fractions of each part; what they leave of 1 is in none of them
 * @param options
 * @throws ValueError when the fractions are not from 0 to 1 in all, or there is not one class for each sample
 * @example
 * ```ts
 * const [train, validation] = splitIndices(all.length, [0.9, 0.1], { seed: 1 })
 * const learning = sampleDataset(subset(all, train), { transform })
 * const judging = sampleDataset(subset(all, validation))
 * ```
 */
export function splitIndices(
  length: number,
  fractions: readonly number[],
  options: SplitOptions = {},
): Int32Array[] {
  const total = fractions.reduce((sum, fraction) => sum + fraction, 0)
  if (!fractions.every((fraction) => fraction >= 0) || !(total <= 1 + 1e-9)) {
    throw new ValueError(`splitIndices: fractions must be from 0 to 1 in all: [${fractions}]`)
  }
  const order = dealt('splitIndices', length, options)
  let sum = 0
  const ends = fractions.map((fraction) => Math.round((sum += fraction) * length))
  return ends.map((end, i) => order.slice(ends[i - 1] ?? 0, end).sort())
}

/** One of the ways to put a part aside. */
export interface Fold {
  /** To learn from. */
  readonly train: Int32Array
  /** To be judged by. */
  readonly validation: Int32Array
}

/**
 * The positions 0 … length − 1 in `folds` parts of about the same size, each of which is put aside once: k-fold
 * cross-validation.
 *
 * @throws ValueError unless folds is an integer from 2 to length, or when there is not one class for each sample
 * @see Kohavi 1995, "A study of cross-validation and bootstrap for accuracy estimation and model selection"
 */
export function kFold(length: number, folds: number, options: SplitOptions = {}): Fold[] {
  if (!Number.isInteger(folds) || folds < 2 || folds > length) {
    throw new ValueError(`kFold: folds must be an integer from 2 to ${length}: ${folds}`)
  }
  const order = dealt('kFold', length, options)
  return Array.from({ length: folds }, (_, fold) => {
    const [from, to] = [Math.floor((fold * length) / folds), Math.floor(((fold + 1) * length) / folds)]
    const train = Int32Array.of(...order.subarray(0, from), ...order.subarray(to))
    return { train: train.sort(), validation: order.slice(from, to).sort() }
  })
}

/** Positions in random order; with classes, in an order of which every stretch has its share of each. */
function dealt(operation: string, length: number, { seed = 0, stratify }: SplitOptions): Int32Array {
  if (!Number.isInteger(length) || length < 0)
    throw new ValueError(`${operation}: length must be a count: ${length}`)
  const generator = new Generator(seed)
  if (!stratify) return generator.permutation(length)
  if (stratify.length !== length) {
    throw new ValueError(
      `${operation}: stratify needs a class for each of ${length} samples: ${stratify.length}`,
    )
  }
  const places = new Float64Array(length)
  for (const members of groupsOf(stratify)) {
    for (const [k, i] of generator.shuffle(members).entries()) places[i] = (k + 0.5) / members.length
  }
  return generator.permutation(length).sort((a, b) => places[a]! - places[b]!)
}
