import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { configure } from '@badak/tensor'
import { beforeAll, expect, test, vi } from 'vitest'
import { type Digits, loadDigits } from '../src/digits.ts'
import { experiments } from '../src/experiments/index.ts'

// Seconds when the machine is idle.
vi.setConfig({ testTimeout: 60_000 })

let digits: Promise<Digits>
beforeAll(() => {
  digits = loadDigits()
})

test.each(experiments)('$name shows what it should, also at a smaller size', async ({ run, backend }) => {
  configure(backend ? { backend } : { backend: 'wasm', threads: 1 })
  const { statement, holds, charts } = await run({ digits: () => digits, seed: 1, quick: true })
  expect({ statement, holds }).toEqual({ statement, holds: true })
  expect(statement).not.toMatch(/NaN|undefined|Infinity/)
  expect(charts.length).toBeGreaterThan(0)
  for (const chart of charts) expect(chart.toSVG()).toMatch(/^<svg (?!.*NaN)/)
})

test('the README lists them all', () => {
  const text = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  for (const { name } of experiments) expect(text).toContain(`\`${name}\``)
})
