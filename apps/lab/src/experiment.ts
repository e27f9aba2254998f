import type { Chart } from '@badak/viz'
import type { Digits } from './digits.ts'

/** What an experiment is given. */
export interface Setting {
  /** Handwritten digits; experiments that need none do not ask for them. */
  readonly digits: () => Promise<Digits>
  /** Decides initial values, orders and what is dropped. */
  readonly seed: number
  /** Whether it is to take seconds: fewer steps, fewer examples, the same question. */
  readonly quick: boolean
}

/** What an experiment has shown. */
export interface Outcome {
  /** The result in a sentence, with its numbers. */
  readonly statement: string
  /** Whether it is the result that is expected. */
  readonly holds: boolean
  readonly charts: readonly Chart[]
}

/** A question, and a short program that answers it. */
export interface Experiment {
  readonly name: string
  readonly question: string
  /** Which backend it needs; default: the fastest. */
  readonly backend?: 'reference'
  run(setting: Setting): Promise<Outcome>
}
