import {
  configure,
  Generator,
  Parameter,
  ones,
  randomNormal,
  seed,
  ShapeError,
  tensor,
  ValueError,
  zeros,
} from '@badak/tensor'
import { constant } from '@badak/initializers'
import {
  BatchNorm1d,
  BatchNorm2d,
  Dropout,
  dropout,
  Linear,
  linear,
  ReLU,
  Sequential,
  type Layer,
} from '@badak/layers'
import { beforeEach, describe, expect, test } from 'vitest'
import { backends } from './backends.ts'

beforeEach(() => configure({ backend: 'reference' }))

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
    const layer = new Linear(2, 3, { init: (shape) => constant(shape, { value: 0.5, dtype: 'float64' }) })
    expect([layer.weight.dtype, layer.bias!.dtype]).toEqual(['float64', 'float64'])
  })

  test('says what does not fit', () => {
    const layer = new Linear(4, 3)
    const text = 'input has 5 features, weight expects 4: [2,5] x [4,3]'
    expect(() => layer.forward(zeros([2, 5]))).toThrow(new ShapeError(`Linear: ${text}`))
    expect(() => linear(zeros([2, 5]), layer.weight)).toThrow(new ShapeError(`linear: ${text}`))
    expect(() => layer.forward(tensor(1))).toThrow(
      new ShapeError('Linear: input has no features, weight expects 4: [] x [4,3]'),
    )
    expect(() => linear(zeros([2]), zeros([2]))).toThrow(
      new ShapeError('linear: weight is not [out, in]: [2]'),
    )
    expect(() => new Linear(0, 3)).toThrow(new ValueError('Linear: inFeatures is not an integer ≥ 1: 0'))
    expect(() => new Linear(3, 1.5)).toThrow(new ValueError('Linear: outFeatures is not an integer ≥ 1: 1.5'))
  })
})

describe('Sequential', () => {
  test('is a list of layers', () => {
    const [a, b] = [new Linear(2, 3), new ReLU()]
    const model = new Sequential(a, b)
    expect([...model]).toEqual([a, b])
    expect([model.length, model.at(0), model.at(-1), model.at('1')]).toEqual([2, a, b, b])
    expect(() => model.at(2)).toThrow('Sequential.at: no layer 2 among 0, 1')
    expect(() => new Sequential({ fc: a }).at('conv')).toThrow('Sequential.at: no layer "conv" among fc')
  })

  test('with nothing in it changes nothing', () => {
    const x = ones([2])
    expect(new Sequential().forward(x)).toBe(x)
  })

  test('refuses what is not a layer', () => {
    expect(() => new Sequential(new ReLU(), (() => 1) as unknown as Layer)).toThrow(
      new ValueError('Sequential: "1" is not a module: function'),
    )
    expect(() => new Sequential({ 'a.b': new ReLU() })).toThrow(
      new ValueError('Sequential: not a name: "a.b"'),
    )
  })
})

describe.each(backends)('Dropout on %s', (backend) => {
  beforeEach(() => configure({ backend }))

  test('drops a share p and scales the rest', async () => {
    seed(5)
    const n = 20_000
    const values = await new Dropout(0.3).forward(ones([n])).data()
    const kept = values.filter((value) => value !== 0)
    // Binomial: five standard deviations of the number that is kept.
    expect(Math.abs(kept.length - 0.7 * n)).toBeLessThan(5 * Math.sqrt(n * 0.3 * 0.7))
    expect(new Set(kept)).toEqual(new Set([Math.fround(1 / 0.7)]))
  })

  test('passes the gradient where it passed the value', async () => {
    const x = new Parameter(ones([50]))
    const y = dropout(x, 0.5)
    y.sum().backward()
    expect(await x.grad!.data()).toEqual(await y.data())
  })

  test('does nothing in evaluation', () => {
    const x = ones([3])
    expect(new Dropout(0.5).eval().forward(x)).toBe(x)
    expect(dropout(x, 0)).toBe(x)
  })

  test('draws anew each time, and the same from the same stream', async () => {
    const draw = async (generator: Generator): Promise<unknown> =>
      await dropout(ones([64]), 0.5, { generator }).data()
    const generator = new Generator(3)
    const first = await draw(generator)
    expect(await draw(generator)).not.toEqual(first)
    expect(await draw(new Generator(3))).toEqual(first)
  })
})

describe('BatchNorm', () => {
  test('keeps its statistics in evaluation', async () => {
    const layer = new BatchNorm1d(2).eval()
    layer.forward(randomNormal([4, 2]))
    expect(await layer.runningMean!.array()).toEqual([0, 0])
    expect(await layer.numBatchesTracked!.item()).toBe(0)
  })

  test('passes no gradient through its statistics', () => {
    const layer = new BatchNorm1d(1)
    const x = new Parameter(tensor([[1], [2]]))
    layer.forward(x)
    layer
      .runningMean!.sum()
      .mul(new Parameter(tensor(1)))
      .backward()
    expect(x.grad).toBeUndefined()
  })
})

const four = zeros([2, 3, 4, 4])
const errors: [() => unknown, Error][] = [
  [() => new Dropout(1), new ValueError('Dropout: the probability is not in [0, 1): 1')],
  [() => new Dropout(-0.1), new ValueError('Dropout: the probability is not in [0, 1): -0.1')],
  [() => dropout(four, Number.NaN), new ValueError('dropout: the probability is not in [0, 1): NaN')],
  [() => new BatchNorm2d(0), new ValueError('BatchNorm: numFeatures is not an integer ≥ 1: 0')],
  [() => new BatchNorm2d(3, { eps: 0 }), new ValueError('BatchNorm: eps is not a positive number: 0')],
  [() => new BatchNorm2d(3, { momentum: 2 }), new ValueError('BatchNorm: momentum is not in [0, 1]: 2')],
  [
    () => new BatchNorm2d(4).forward(four),
    new ShapeError('BatchNorm2d: input is not [N, C, H, W] with 4 channels: [2,3,4,4]'),
  ],
  [
    () => new BatchNorm1d(3).forward(four),
    new ShapeError('BatchNorm1d: input is not [N, C] or [N, C, L] with 3 channels: [2,3,4,4]'),
  ],
  [
    () => new BatchNorm1d(3).forward(zeros([1, 3])),
    new ValueError('BatchNorm1d: one value per channel has no variance: [1,3]'),
  ],
]

test.each(errors)('error %#', (act, error) => {
  expect(act).toThrow(error)
})
