import conformance from './fixtures/conformance.json' with { type: 'json' }
import type { Outcome } from './evaluate-row.ts'
import { digestOf, inputValues, type Row } from './row.ts'

/** Numbers that JSON has no way to write are there as text. */
type Written = number | string

interface WrittenOutcome {
  readonly digest: number
  readonly outputs: readonly (readonly Written[])[]
  readonly gradients: readonly (readonly Written[])[]
}

const records = conformance as unknown as Record<string, WrittenOutcome>

/** What PyTorch computed for a row in float64. @throws when the record was made from other inputs */
export function recordedOutcome(row: Row): Outcome {
  const record = records[row.name]
  if (!record || record.digest !== digestOf(inputValues(row))) {
    const state = record ? 'was made from other inputs' : 'is missing'
    throw new Error(`${row.name}: the record ${state}: run tools/record-fixtures/conformance.py`)
  }
  const numbers = (list: readonly (readonly Written[])[]): number[][] =>
    list.map((values) => values.map(Number))
  return { outputs: numbers(record.outputs), gradients: numbers(record.gradients) }
}

export const recordedNames: readonly string[] = Object.keys(records)
