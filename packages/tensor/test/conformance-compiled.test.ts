import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compile, configure, evaluate, shutdown, type Tensor } from '../src/index.ts'
import { inputTensors, outputsOf } from './conformance/evaluate-row.ts'
import { table } from './conformance/table.ts'

afterAll(shutdown)

describe.each([{ backend: 'reference' }, { backend: 'wasm', threads: 2 }] as const)(
  'compiled on %o',
  (configuration) => {
    beforeAll(() => configure(configuration))

    test.each(table)('$name', async (row) => {
      const inputs = inputTensors(row, 'float32')
      const direct = outputsOf(row, inputs)
      await evaluate(...direct)
      const compiled = compile((...xs: Tensor[]) => outputsOf(row, xs))
      // The first call traces, the second replays.
      for (const results of [compiled(...inputs), compiled(...inputs)] as Tensor[][]) {
        expect(results.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
          direct.map(({ shape, dtype }) => ({ shape, dtype })),
        )
        expect(await Promise.all(results.map((x) => x.data()))).toEqual(
          await Promise.all(direct.map((x) => x.data())),
        )
      }
    })
  },
)
