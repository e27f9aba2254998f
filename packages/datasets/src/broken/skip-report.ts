/** What is done about a sample, or an object of one, that is broken: `'throw'` an error, or `'skip'` and report it. */
export type OnBroken = 'throw' | 'skip'

/** Something that was left out, and why. */
export interface Skipped {
  /** What it is called: a file, a sample, an object of one. */
  readonly name: string
  /** The message of the error that it would have been. */
  readonly reason: string
}

/**
 * What was left out so far. It grows as a data set is read, and has each thing once, however often it came up.
 *
 * @example
 * ```ts
 * const { skipped } = await cocoDetection('val2017', { directory: 'coco', onBroken: 'skip' })
 * if (skipped.count > 0) console.warn(skipped.toString())
 * ```
 */
export class SkipReport {
  readonly #reasons = new Map<string, string>()

  /** How many there are. */
  get count(): number {
    return this.#reasons.size
  }

  /** All of them, in the order in which they came up. */
  get records(): readonly Skipped[] {
    return [...this.#reasons].map(([name, reason]) => ({ name, reason }))
  }

  /** Notes something; what is known already stays as it is. */
  add(name: string, reason: string): void {
    if (!this.#reasons.has(name)) this.#reasons.set(name, reason)
  }

  /** `skipped 2:`, and a line for each. */
  toString(): string {
    return [`skipped ${this.count}:`, ...this.records.map(({ name, reason }) => `  ${name}: ${reason}`)].join(
      '\n',
    )
  }
}
