// Outputs, last states and gradients of recurrent layers and cells as PyTorch computes them.
import { configure } from '@badak/tensor'
import * as layers from '@badak/layers'
import { describe, expect, test } from 'vitest'
import { backends } from './backends.ts'
import { readCases } from './fixture.ts'
import { differences, type RecordedCase } from './recorded-case.ts'

interface Case extends RecordedCase {
  readonly name: keyof typeof kinds
  readonly arguments: readonly [inputSize: number, hiddenSize: number]
  readonly options: object
  readonly lengths: readonly number[] | null
}

const { RNN, LSTM, GRU, RNNCell, LSTMCell, GRUCell } = layers
const kinds = { RNN, LSTM, GRU, RNNCell, LSTMCell, GRUCell }

const cases = readCases<Case>(new URL('fixtures/recurrent.json', import.meta.url))

test('every recurrent layer is recorded', () => {
  expect(new Set(cases.map(({ name }) => name))).toEqual(new Set(Object.keys(kinds)))
})

const described = cases.map((c, i) => {
  const shape = c.inputs['x']!.shape
  return [`${i} ${c.name} ${JSON.stringify(c.options)} [${shape}] ${c.lengths ?? ''}`, c] as const
})

describe.each(backends)('%s', (backend) => {
  test.each(described)('%s', async (_, c) => {
    configure({ backend })
    const layer = new kinds[c.name](...c.arguments, c.options)
    const call: Parameters<typeof differences>[2] = ({ x, hidden, cell }) => {
      const lengths = c.lengths ?? undefined
      if (layer instanceof LSTM) {
        const [y, last] = layer.forward(x!, { state: hidden && [hidden, cell!], lengths })
        return [y, ...last]
      }
      if (layer instanceof LSTMCell) return layer.forward(x!, hidden && [hidden, cell!])
      if (layer instanceof RNNCell || layer instanceof GRUCell) return [layer.forward(x!, hidden)]
      return layer.forward(x!, { state: hidden, lengths })
    }
    expect(await differences(layer, c, call)).toEqual([])
  })
})
