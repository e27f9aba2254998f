import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { backendInfo, type Configuration, configure, shutdown } from '../../src/index.ts'
import { disagreement, toleranceFor } from './compare.ts'
import { describeConfiguration } from './configurations.ts'
import { evaluateRow, evaluateSecond, type Outcome } from './evaluate-row.ts'
import { recordedOutcome } from './recorded.ts'
import type { Row } from './row.ts'
import { table } from './table.ts'

/**
 * float32 results of each configuration against PyTorch's, or, where none are on record, the reference's in
 * float64.
 */
export function defineBackendSuite(configurations: readonly Configuration[]): void {
  afterAll(shutdown)

  describe.each(
    configurations.map((configuration) => [describeConfiguration(configuration), configuration] as const),
  )('%s', (_, configuration) => {
    beforeAll(() => configure(configuration))
    afterAll(() => configure())

    test('computes in the way it is asked to', () => {
      const { backend, fuse: _, ...wanted } = configuration
      expect(backendInfo()).toEqual({ name: backend, ...wanted })
    })

    test.each(table)('$name', async (row) => {
      const want = await expected(row, configuration)
      const got = await evaluateRow(row, 'float32')
      expect(got.outputs).toHaveLength(want.outputs.length)
      want.outputs.forEach((output, k) => {
        const tolerance = toleranceFor(got.types[k]!, row.tolerance, row.tolerance)
        expect(disagreement(got.outputs[k]!, output, tolerance), `output ${k}`).toBe('')
      })
      want.gradients.forEach((gradient, k) => {
        expect(disagreement(got.gradients[k]!, gradient, row.gradientTolerance), `gradient ${k}`).toBe('')
      })
    })

    test.each(table.filter(({ gradients, second }) => second && gradients.length > 0))(
      '$name, second gradient',
      async (row) => {
        const want = await onReference(seconds, row, configuration, evaluateSecond)
        const got = await evaluateSecond(row, 'float32')
        want.gradients.forEach((gradient, k) => {
          expect(disagreement(got.gradients[k]!, gradient, 4 * row.gradientTolerance), `gradient ${k}`).toBe(
            '',
          )
        })
      },
    )
  })
}

const firsts = new Map<string, Promise<Outcome>>()
const seconds = new Map<string, Promise<Outcome>>()

function expected(row: Row, configuration: Configuration): Outcome | Promise<Outcome> {
  return row.recorded ? recordedOutcome(row) : onReference(firsts, row, configuration, evaluateRow)
}

/** What the reference backend computes in float64, once for all configurations. */
async function onReference(
  known: Map<string, Promise<Outcome>>,
  row: Row,
  configuration: Configuration,
  compute: (row: Row, precision: 'float64') => Promise<Outcome>,
): Promise<Outcome> {
  let outcome = known.get(row.name)
  if (!outcome) {
    configure({ backend: 'reference' })
    known.set(row.name, (outcome = compute(row, 'float64')))
    await outcome
    configure(configuration)
  }
  return outcome
}
