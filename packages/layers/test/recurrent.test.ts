import {
  configure,
  DTypeError,
  ones,
  Parameter,
  randomNormal,
  seed,
  ShapeError,
  slice,
  tensor,
  ValueError,
  zeros,
  type Tensor,
} from '@badak/tensor'
import { constant } from '@badak/initializers'
import { GRU, GRUCell, LSTM, LSTMCell, RNN, RNNCell } from '@badak/layers'
import { beforeEach, describe, expect, test } from 'vitest'
import { backends } from './backends.ts'

beforeEach(() => configure({ backend: 'reference' }))

const values = async (x: Tensor): Promise<number[]> => Array.from(await x.data())
const ints = (list: number[]): Tensor => tensor(list, { dtype: 'int32' })

test('begin with U(±1/√hiddenSize), biases too', async () => {
  seed(3)
  for (const layer of [new LSTM(20, 25, { numLayers: 2 }), new GRUCell(20, 25)]) {
    for (const parameter of layer.parameters()) {
      const largest = Math.max(...(await values(parameter)).map(Math.abs))
      expect(largest).toBeLessThanOrEqual(0.2)
      expect(largest).toBeGreaterThan(0.18)
    }
  }
})

test('begin with what they are given, in its type', async () => {
  const init = (shape: readonly number[]): Tensor => constant(shape, { value: 0.5, dtype: 'float64' })
  const layer = new GRU(2, 3, { init })
  expect(new Set((await Promise.all(layer.parameters().map(values))).flat())).toEqual(new Set([0.5]))
  expect(layer.forward(zeros([1, 1, 2], { dtype: 'float64' }))[0].dtype).toBe('float64')
})

describe.each(backends)('on %s', (backend) => {
  beforeEach(() => {
    configure({ backend })
    seed(4)
  })

  test('what is in the padding has no influence, be it NaN', async () => {
    const layer = new LSTM(2, 3, { numLayers: 2, bidirectional: true })
    const gradients = async (padding: number): Promise<number[][]> => {
      const x = new Parameter(
        tensor([
          [
            [0.5, 1],
            [1, 2],
          ],
          [
            [-1, 2],
            [padding, padding],
          ],
        ]),
      )
      const [output, [hidden, cell]] = layer.forward(x, { lengths: [2, 1] })
      for (const parameter of layer.parameters()) parameter.grad = undefined
      output.sum().add(hidden.sum()).add(cell.sum()).backward()
      return Promise.all(
        [output, hidden, cell, ...[x, ...layer.parameters()].map(({ grad }) => grad!)].map(values),
      )
    }
    const clean = await gradients(0)
    expect(clean.flat().every(Number.isFinite)).toBe(true)
    expect(await gradients(Number.NaN)).toEqual(clean)
  })

  test('lengths may be a tensor, and computed', async () => {
    const layer = new GRU(2, 3, { bidirectional: true })
    const x = randomNormal([3, 2, 2])
    const expected = await values(layer.forward(x, { lengths: [1, 3] })[0])
    for (const lengths of [ints([1, 3]), tensor(Uint8Array.of(1, 3)), ints([0, 2]).add(ints([1, 1]))])
      expect(await values(layer.forward(x, { lengths })[0])).toEqual(expected)
  })

  test('an example of no steps keeps its state', async () => {
    const state = randomNormal([1, 2, 3])
    const [output, last] = new RNN(2, 3).forward(ones([2, 2, 2]), { state, lengths: [0, 2] })
    expect(await values(slice(last, [0, 0]))).toEqual(await values(slice(state, [0, 0])))
    expect(await values(slice(output, [null, 0]))).toEqual([0, 0, 0, 0, 0, 0])
  })

  test('dropout falls between the layers, in training', async () => {
    const init = (shape: readonly number[]): Tensor => constant(shape, { value: 1 })
    const layer = new RNN(1, 2, { numLayers: 2, bias: false, nonlinearity: 'relu', dropout: 0.5, init })
    const run = async (): Promise<number[]> => values(layer.forward(ones([1, 100, 1]))[0])
    // By hand: layer 0 gives [1, 1], of which each is dropped or doubled; layer 1 adds them up.
    expect(new Set(await run())).toEqual(new Set([0, 2, 4]))
    layer.eval()
    expect(new Set(await run())).toEqual(new Set([2]))
  })

  test('a loop over a cell is the layer', async () => {
    const [layer, cell] = [new LSTM(2, 3), new LSTMCell(2, 3)]
    for (const [k, parameter] of cell.parameters().entries()) parameter.assign(layer.parameters()[k]!.value)
    const x = randomNormal([3, 4, 2])
    const [, last] = layer.forward(x)
    let state = cell.forward(slice(x, [0]))
    for (const t of [1, 2]) state = cell.forward(slice(x, [t]), state)
    for (const k of [0, 1]) expect(await values(state[k]!)).toEqual(await values(last[k]!))
  })
})

test('say what they are and what they cost', () => {
  const layers = [
    new RNN(2, 3),
    new GRU(2, 3, { numLayers: 2 }),
    new LSTM(2, 3, { bidirectional: true, projSize: 1 }),
    new RNNCell(2, 3),
  ]
  expect(layers.map(String).join(' ')).toBe(
    'RNN(2, 3) GRU(2, 3, { numLayers: 2 }) LSTM(2, 3, { projSize: 1, bidirectional: true }) RNNCell(2, 3)',
  )
  // By hand: at 5 · 4 steps, 9 · (2 + 3) products in layer 0 and 9 · (3 + 3) in layer 1.
  expect(new GRU(2, 3, { numLayers: 2 }).summary([5, 4, 2]).split('\n')[1]).toMatch(
    /^GRU.* \[5,4,3\] \[2,4,3\] +135 +1,980$/,
  )
  expect(new LSTM(2, 3, { projSize: 1 }).summary([5, 4, 2]).split('\n')[1]).toMatch(
    // 12 · (2 + 1), and 3 for the projection.
    /^LSTM.* \[5,4,1\] \[1,4,1\] \[1,4,3\] +63 +780$/,
  )
  expect(new LSTMCell(2, 3).summary([4, 2]).split('\n')[1]).toMatch(/ \[4,3\] \[4,3\] +84 +240$/)
})

const x = zeros([5, 2, 3])
const lstm = new LSTM(3, 4, { numLayers: 2 })
const errors: [() => unknown, Error][] = [
  [() => new RNN(0, 1), new ValueError('RNN: inputSize is not an integer ≥ 1: 0')],
  [() => new GRU(1, 1.5), new ValueError('GRU: hiddenSize is not an integer ≥ 1: 1.5')],
  [() => new LSTM(1, 1, { numLayers: 0 }), new ValueError('LSTM: numLayers is not an integer ≥ 1: 0')],
  [() => new GRU(1, 1, { dropout: 1 }), new ValueError('GRU: the probability is not in [0, 1): 1')],
  [() => new LSTM(1, 4, { projSize: 4 }), new ValueError('LSTM: projSize is not an integer from 0 to 3: 4')],
  [
    () => new RNN(1, 1, { nonlinearity: 'gelu' as 'relu' }),
    new ValueError('RNN: unknown nonlinearity "gelu": expected tanh or relu'),
  ],
  [
    () => new RNNCell(1, 1, { nonlinearity: 'gelu' as 'relu' }),
    new ValueError('RNNCell: unknown nonlinearity "gelu": expected tanh or relu'),
  ],
  [() => lstm.forward(zeros([5, 2, 4])), new ShapeError('LSTM: input is not [T, N, 3] or [T, 3]: [5,2,4]')],
  [
    () => new RNN(3, 1, { batchFirst: true }).forward(zeros([3])),
    new ShapeError('RNN: input is not [N, T, 3] or [T, 3]: [3]'),
  ],
  [() => lstm.forward(zeros([0, 2, 3])), new ShapeError('LSTM: input has no steps: [0,2,3]')],
  [
    () => lstm.forward(x, { state: [zeros([2, 2, 4]), zeros([2, 4])] }),
    new ShapeError('LSTM: initial cell state is not [2,2,4]: [2,4]'),
  ],
  [
    () => lstm.forward(x, { state: zeros([2, 2, 4]) as unknown as [Tensor, Tensor] }),
    new ValueError('LSTM: initial hidden state is no tensor: undefined'),
  ],
  [
    () => new LSTMCell(3, 4).forward(zeros([2, 3]), [zeros([2, 4])] as unknown as [Tensor, Tensor]),
    new ValueError('LSTMCell: cell state is no tensor: undefined'),
  ],
  [
    () => new GRU(3, 4).forward(zeros([5, 3]), { state: zeros([1, 1, 4]) }),
    new ShapeError('GRU: initial hidden state is not [1,4]: [1,1,4]'),
  ],
  [
    () => lstm.forward(zeros([5, 3]), { lengths: [5] }),
    new ShapeError('LSTM: lengths are for a batch, input is one sequence: [5,3]'),
  ],
  [
    () => lstm.forward(x, { lengths: [5] }),
    new ShapeError('LSTM: lengths are not [2], one for each example: [1]'),
  ],
  [
    () => lstm.forward(x, { lengths: [5, 6] }),
    new ValueError('LSTM: lengths: 6 at row 1 is not an integer from 0 to 5'),
  ],
  [
    () => lstm.forward(x, { lengths: [1.5, 2] }),
    new ValueError('LSTM: lengths: 1.5 at row 0 is not an integer from 0 to 5'),
  ],
  [
    () => lstm.forward(x, { lengths: tensor([1, 2]) }),
    new DTypeError("LSTM: lengths are float32: make them int32: tensor(lengths, { dtype: 'int32' })"),
  ],
  [() => new LSTMCell(3, 4).forward(x), new ShapeError('LSTMCell: input is not [N, 3]: [5,2,3]')],
  [
    () => new GRUCell(3, 4).forward(zeros([2, 3]), zeros([4])),
    new ShapeError('GRUCell: hidden state is not [2,4]: [4]'),
  ],
  [() => new RNNCell(3, 0), new ValueError('RNNCell: hiddenSize is not an integer ≥ 1: 0')],
]

test.each(errors)('error %#', (act, error) => {
  expect(act).toThrow(error)
})
