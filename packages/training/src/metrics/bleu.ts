import { ValueError } from '@badak/tensor'
import type { MetricState } from './metric.ts'
import { checkCount } from '../arguments.ts'

/** How `Bleu` compares. */
export interface BleuOptions {
  /** The longest n-grams that are compared; default 4. */
  maxN?: number
  /**
   * Whether 1 is added to matches and counts of n ≥ 2, so that a short corpus without a long match does not
   * come to 0 (Lin & Och 2004); default false.
   */
  smooth?: boolean
}

/**
 * BLEU of a corpus: how far the n-grams of translations (or captions) are found in references. The geometric
 * mean of the precisions for n = 1 … maxN, times exp(1 − r/c) where the translations are shorter (c) than the
 * references closest in length (r).
 *
 * @example
 * ```ts
 * const bleu = new Bleu()
 * bleu.update('the cat sat on the mat'.split(' '), ['the cat sat on a mat'.split(' ')])
 * bleu.value
 * ```
 * @see Papineni et al. 2002, "BLEU: a method for automatic evaluation of machine translation"
 */
export class Bleu {
  readonly maxN: number
  readonly smooth: boolean
  #matches: number[]
  #counts: number[]
  #length = 0
  #referenceLength = 0

  /** @throws ValueError when `maxN` is not an integer ≥ 1 */
  constructor({ maxN = 4, smooth = false }: BleuOptions = {}) {
    checkCount('Bleu', 'maxN', maxN)
    this.maxN = maxN
    this.smooth = smooth
    this.#matches = Array.from({ length: maxN }, () => 0)
    this.#counts = Array.from({ length: maxN }, () => 0)
  }

  /**
   * Adds one translation and what it is compared with.
   *
   * @param candidate tokens
   * @param references one or more lists of tokens
   * @throws ValueError when there is no reference
   */
  update(candidate: readonly string[], references: readonly (readonly string[])[]): void {
    if (references.length === 0) throw new ValueError('Bleu: a translation has no reference')
    for (let n = 1; n <= this.maxN; n++) {
      const allowed = references.map((reference) => countNgrams(reference, n))
      for (const [ngram, count] of countNgrams(candidate, n)) {
        const most = Math.max(...allowed.map((counts) => counts.get(ngram) ?? 0))
        this.#matches[n - 1]! += Math.min(count, most)
        this.#counts[n - 1]! += count
      }
    }
    this.#length += candidate.length
    this.#referenceLength += closestLength(candidate.length, references)
  }

  /** From 0 to 1; NaN when nothing has been added. */
  get value(): number {
    if (this.#referenceLength === 0 && this.#length === 0) return NaN
    let logs = 0
    for (let n = 1; n <= this.maxN; n++) {
      const extra = this.smooth && n > 1 ? 1 : 0
      const [matches, count] = [this.#matches[n - 1]! + extra, this.#counts[n - 1]! + extra]
      if (matches === 0) return 0
      logs += Math.log(matches / count)
    }
    return Math.min(1, Math.exp(1 - this.#referenceLength / this.#length)) * Math.exp(logs / this.maxN)
  }

  /** Forgets what has been added. */
  reset(): void {
    this.state = [this.#matches.map(() => 0), this.#counts.map(() => 0), [0, 0]]
  }

  /** What has been gathered; setting it goes on from there. */
  get state(): MetricState {
    return [[...this.#matches], [...this.#counts], [this.#length, this.#referenceLength]]
  }

  set state([matches, counts, lengths]: MetricState) {
    this.#matches = [...matches!]
    this.#counts = [...counts!]
    ;[this.#length, this.#referenceLength] = lengths as [number, number]
  }
}

function countNgrams(tokens: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>()
  for (let i = 0; i + n <= tokens.length; i++) {
    const ngram = JSON.stringify(tokens.slice(i, i + n))
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1)
  }
  return counts
}

/** Of two references equally close, the shorter one. */
function closestLength(length: number, references: readonly (readonly string[])[]): number {
  const lengths = references.map((reference) => reference.length)
  return lengths.reduce((best, each) => {
    const [near, nearest] = [Math.abs(each - length), Math.abs(best - length)]
    return near < nearest || (near === nearest && each < best) ? each : best
  })
}
