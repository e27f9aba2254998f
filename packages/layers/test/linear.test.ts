import {
  commit,
  configure,
  DTypeError,
  IndexError,
  ones,
  Parameter,
  seed,
  ShapeError,
  tensor,
  ValueError,
  zeros,
  type Tensor,
} from '@badak/tensor'
import { constant } from '@badak/initializers'
import { Bilinear, bilinear, Embedding, embedding, Linear, linear } from '@badak/layers'
import { beforeEach, describe, expect, test } from 'vitest'
import { backends } from './backends.ts'

beforeEach(() => configure({ backend: 'reference' }))

const ints = (values: number[]): Tensor => tensor(values, { dtype: 'int32' })

describe('Linear', () => {
  test('begins with He weights and no bias', async () => {
    seed(1)
    const layer = new Linear(600, 50)
    const weights = await layer.weight.data()
    const bound = Math.sqrt(6 / 600)
    expect(Math.max(...weights.map(Math.abs))).toBeLessThanOrEqual(bound)
    expect(Math.max(...weights.map(Math.abs))).toBeGreaterThan(0.99 * bound)
    expect(new Set(await layer.bias!.data())).toEqual(new Set([0]))
  })

  test('begins with what it is given, in its type', () => {
    const init = (shape: readonly number[]): Tensor => constant(shape, { value: 0.5, dtype: 'float64' })
    const layer = new Linear(2, 3, { init })
    expect([layer.weight.dtype, layer.bias!.dtype]).toEqual(['float64', 'float64'])
    const other = new Bilinear(2, 3, 1, { init })
    expect([other.weight.dtype, other.bias!.dtype]).toEqual(['float64', 'float64'])
  })
})

describe('Bilinear', () => {
  test('says what it is and what it costs', () => {
    expect(new Bilinear(3, 4, 2).summary([5, 3], [5, 4]).split('\n')[1]).toMatch(
      // By hand: 5 · 2 outputs, each 3·4 products with b and then 3 with a.
      /^Bilinear\(3, 4, 2\) +\[5,2\] +26 +150$/,
    )
    expect(String(new Bilinear(1, 2, 3, { bias: false }))).toBe('Bilinear(1, 2, 3, { bias: false })')
  })
})

describe.each(backends)('Embedding on %s', (backend) => {
  beforeEach(() => configure({ backend }))

  test('begins with N(0, 1), and zeros for padding', async () => {
    seed(2)
    const values = Array.from(await new Embedding(101, 100, { paddingIdx: -1 }).weight.data())
    const learned = values.slice(0, 10_000)
    const mean = learned.reduce((sum, value) => sum + value, 0) / 10_000
    const variance = learned.reduce((sum, value) => sum + value ** 2, 0) / 10_000
    // Five standard deviations of either estimate.
    expect(Math.abs(mean)).toBeLessThan(0.05)
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / 10_000))
    expect(new Set(values.slice(10_000))).toEqual(new Set([0]))
  })

  test('takes uint8, and what was computed', async () => {
    const weight = tensor([[1], [2], [3]])
    expect(await embedding(tensor(Uint8Array.of(2, 0)), weight).array()).toEqual([[3], [1]])
    expect(await embedding(ints([1, 0]).add(ints([0, 1])), weight).array()).toEqual([[2], [2]])
  })

  test('finds a computed index that is no row when the rows are computed', async () => {
    const computed = ints([1, 3]).add(ints([1, 1]))
    await expect(embedding(computed, zeros([3, 2])).data()).rejects.toThrow(IndexError)
  })

  test('used twice in a step adds up its gradients', async () => {
    const layer = new Embedding(3, 2)
    layer.weight.assign(ones([3, 2]))
    const loss = layer
      .forward(ints([0, 2]))
      .sum()
      .add(layer.forward(ints([2, 2])).sum())
    loss.backward()
    expect(await layer.weight.grad!.array()).toEqual([
      [1, 1],
      [0, 0],
      [3, 3],
    ])
    await commit()
  })
})

test('no gradient goes to the row of padding', async () => {
  const weight = new Parameter(ones([2, 1]))
  embedding(ints([0, 1, 1]), weight, { paddingIdx: 1 })
    .sum()
    .backward()
  expect(await weight.grad!.array()).toEqual([[1], [0]])
})

const four = new Linear(4, 3)
const mismatch = 'input has 5 features, weight expects 4: [2,5] x [4,3]'
const table = zeros([3, 2])
const errors: [() => unknown, Error][] = [
  [() => four.forward(zeros([2, 5])), new ShapeError(`Linear: ${mismatch}`)],
  [() => linear(zeros([2, 5]), four.weight), new ShapeError(`linear: ${mismatch}`)],
  [
    () => four.forward(tensor(1)),
    new ShapeError('Linear: input has no features, weight expects 4: [] x [4,3]'),
  ],
  [() => linear(zeros([2]), zeros([2])), new ShapeError('linear: weight is not [out, in]: [2]')],
  [() => new Linear(0, 3), new ValueError('Linear: inFeatures is not an integer ≥ 1: 0')],
  [() => new Linear(3, 1.5), new ValueError('Linear: outFeatures is not an integer ≥ 1: 1.5')],
  [() => new Bilinear(0, 1, 1), new ValueError('Bilinear: in1Features is not an integer ≥ 1: 0')],
  [() => new Bilinear(1, 0, 1), new ValueError('Bilinear: in2Features is not an integer ≥ 1: 0')],
  [() => new Bilinear(1, 1, 0), new ValueError('Bilinear: outFeatures is not an integer ≥ 1: 0')],
  [
    () => new Bilinear(2, 3, 1).forward(zeros([4, 2]), zeros([5, 3])),
    new ShapeError('bilinear: inputs are not [..., 2] and [..., 3]: [4,2] and [5,3]'),
  ],
  [
    () => bilinear(table, table, zeros([2, 2])),
    new ShapeError('bilinear: weight is not [out, in1, in2]: [2,2]'),
  ],
  [() => new Embedding(0, 1), new ValueError('Embedding: numEmbeddings is not an integer ≥ 1: 0')],
  [() => new Embedding(1, -1), new ValueError('Embedding: embeddingDim is not an integer ≥ 1: -1')],
  [
    () => new Embedding(3, 1, { paddingIdx: 3 }),
    new IndexError('Embedding: paddingIdx 3 is not one of 3 rows'),
  ],
  [
    () => new Embedding(3, 1, { paddingIdx: 0.5 }),
    new ValueError('Embedding: paddingIdx is not an integer: 0.5'),
  ],
  [
    () => embedding(tensor([1, 2]), table),
    new DTypeError("embedding: indices are float32: make them int32: tensor(indices, { dtype: 'int32' })"),
  ],
  [
    () => embedding(ints([0, 3]), table),
    new IndexError('embedding: index 3 at row 1 is not one of 3 rows (0 to 2)'),
  ],
  [
    () => embedding(tensor([[0, -1]], { dtype: 'int32' }), table),
    new IndexError('embedding: index -1 at [0,1] is not one of 3 rows (0 to 2)'),
  ],
  [
    () => embedding(ints([0]), zeros([2])),
    new ShapeError('embedding: weight is not [numEmbeddings, embeddingDim]: [2]'),
  ],
]

test.each(errors)('error %#', (act, error) => {
  expect(act).toThrow(error)
})
