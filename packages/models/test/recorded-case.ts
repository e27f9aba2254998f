import { readCases } from '../../layers/test/fixture.ts'
import type { Damped } from './filling.ts'

/** A tensor's norm, and sums of its elements with random signs, which are about as large. */
export interface Summary {
  readonly name: string
  readonly norm: number
  readonly sums: readonly number[]
}

export interface Case {
  readonly name: string
  readonly options: object
  readonly parameters: number
  readonly states: number
  readonly stateHash: string
  readonly images: [number, number, number, number]
  /** Which images. */
  readonly seed: number
  readonly damped?: Damped
  readonly calm?: boolean
  readonly evaluated: readonly number[]
  readonly trained: readonly (readonly number[])[]
  readonly running: readonly Summary[]
  readonly gradients?: readonly Summary[]
}

/** What `tools/record-fixtures/models.py` recorded of torchvision, and titles for tests of it. */
const cases = readCases<Case>(new URL('fixtures/models.json', import.meta.url))

export const recorded = cases.map(
  (c) => [`${c.name} ${c.images.join('x')} ${JSON.stringify(c.options)}`, c] as const,
)
