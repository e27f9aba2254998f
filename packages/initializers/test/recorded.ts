import { readFileSync } from 'node:fs'

/** What tools/record-fixtures/initializers.py has written. */
export function readCases(): object[] {
  const text = readFileSync(new URL('fixtures/initializers.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { cases: object[] }).cases
}
