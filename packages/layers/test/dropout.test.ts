import {
  configure,
  Generator,
  ones,
  Parameter,
  randomNormal,
  seed,
  ShapeError,
  ValueError,
  zeros,
} from '@badak/tensor'
import {
  AlphaDropout,
  alphaDropout,
  Dropout,
  dropout,
  Dropout1d,
  dropout1d,
  Dropout2d,
  dropout2d,
  Dropout3d,
  dropout3d,
  FeatureAlphaDropout,
  featureAlphaDropout,
  StochasticDepth,
  stochasticDepth,
} from '@badak/layers'
import { beforeEach, describe, expect, test } from 'vitest'
import { backends } from './backends.ts'
import { readCases } from './fixture.ts'

const recorded = readCases<{ p: number; kept: number; dropped: number }>(
  new URL('fixtures/dropout.json', import.meta.url),
)

describe.each(backends)('on %s', (backend) => {
  beforeEach(() => {
    configure({ backend })
    seed(5)
  })

  test('a share p is dropped, and the rest is scaled', async () => {
    const n = 20_000
    const values = await new Dropout(0.3).forward(ones([n])).data()
    const kept = values.filter((value) => value !== 0)
    // Binomial: five standard deviations of the number that is kept.
    expect(Math.abs(kept.length - 0.7 * n)).toBeLessThan(5 * Math.sqrt(n * 0.3 * 0.7))
    expect(new Set(kept)).toEqual(new Set([Math.fround(1 / 0.7)]))
  })

  test('stochastic depth drops whole samples', async () => {
    const n = 2000
    const layer = new StochasticDepth(0.2)
    const values = await layer.forward(ones([n, 3, 2])).data()
    const samples = Array.from({ length: n }, (_, i) => values.slice(6 * i, 6 * i + 6))
    for (const sample of samples) expect(new Set(sample).size).toBe(1)
    const kept = samples.filter(([first]) => first !== 0)
    expect(Math.abs(kept.length - 0.8 * n)).toBeLessThan(5 * Math.sqrt(n * 0.8 * 0.2))
    expect(kept[0]![0]).toBe(Math.fround(1 / 0.8))
    const x = ones([4, 2])
    expect(layer.eval().forward(x)).toBe(x)
    expect(String(layer)).toBe('StochasticDepth(0.2)')
    expect(() => stochasticDepth(x, 1)).toThrow(
      new ValueError('stochasticDepth: the probability is not in [0, 1): 1'),
    )
  })

  test('the gradient passes where the value passed', async () => {
    const x = new Parameter(ones([50]))
    const y = dropout(x, 0.5)
    y.sum().backward()
    expect(await x.grad!.data()).toEqual(await y.data())
  })

  test('it draws anew each time, and the same from the same stream', async () => {
    const draw = async (generator: Generator): Promise<unknown> =>
      await dropout(ones([64]), 0.5, { generator }).data()
    const generator = new Generator(3)
    const first = await draw(generator)
    expect(await draw(generator)).not.toEqual(first)
    expect(await draw(new Generator(3))).toEqual(first)
  })

  test.each([
    [new Dropout1d(0.4), [50, 40, 3]],
    [new Dropout2d(0.4), [50, 40, 3, 2]],
    [new Dropout3d(0.4), [50, 40, 1, 3, 2]],
  ])('%s drops whole channels', async (layer, shape) => {
    const channels = await layer.forward(ones(shape)).reshape([2000, -1]).data()
    const size = channels.length / 2000
    const heads = channels.filter((_, i) => i % size === 0)
    expect(channels.every((value, i) => value === heads[Math.floor(i / size)])).toBe(true)
    const kept = heads.filter((value) => value !== 0)
    expect(Math.abs(kept.length - 1200)).toBeLessThan(5 * Math.sqrt(2000 * 0.4 * 0.6))
    expect(new Set(kept)).toEqual(new Set([Math.fround(1 / 0.6)]))
  })

  test.each(recorded)('AlphaDropout($p) gives the values of PyTorch', async ({ p, kept, dropped }) => {
    const values = new Set(await new AlphaDropout(p).forward(ones([1000])).data())
    expect(values.size).toBe(2)
    expect(Math.max(...values)).toBeCloseTo(kept, 6)
    expect(Math.min(...values)).toBeCloseTo(dropped, 6)
  })

  test('AlphaDropout keeps mean 0 and variance 1', async () => {
    const n = 100_000
    const y = alphaDropout(randomNormal([n]), 0.3)
    // Five standard deviations; the fourth moment of the mixture is below 6.
    expect(Math.abs(await y.mean().item())).toBeLessThan(5 / Math.sqrt(n))
    expect(Math.abs((await y.variance().item()) - 1)).toBeLessThan(5 * Math.sqrt(6 / n))
  })

  test('FeatureAlphaDropout decides for whole channels', async () => {
    const rows = (await new FeatureAlphaDropout(0.5)
      .forward(ones([20, 5, 4]))
      .reshape([100, 4])
      .array()) as number[][]
    for (const row of rows) expect(new Set(row).size).toBe(1)
    expect(new Set(rows.flat()).size).toBe(2)
  })
})

const layers = [
  new Dropout(),
  new Dropout1d(0.1),
  new Dropout2d(0.2),
  new Dropout3d(0.3),
  new AlphaDropout(0.4),
  new FeatureAlphaDropout(0.6),
]

test.each(layers)('%s does nothing in evaluation', (layer) => {
  const x = ones([3])
  expect(layer.eval().forward(x)).toBe(x)
})

test('layers say what they are in a summary', () => {
  expect(layers.map(String).join(' ')).toBe(
    'Dropout(0.5) Dropout1d(0.1) Dropout2d(0.2) Dropout3d(0.3) AlphaDropout(0.4) FeatureAlphaDropout(0.6)',
  )
})

test('with probability 0 nothing happens', () => {
  const x = ones([1, 1, 1])
  expect([dropout(x, 0), dropout1d(x, 0), alphaDropout(x, 0), featureAlphaDropout(x, 0)]).toEqual([
    x,
    x,
    x,
    x,
  ])
})

const four = zeros([2, 3, 4, 4])
const errors: [() => unknown, Error][] = [
  [() => new Dropout(1), new ValueError('Dropout: the probability is not in [0, 1): 1')],
  [() => new AlphaDropout(-0.1), new ValueError('AlphaDropout: the probability is not in [0, 1): -0.1')],
  [() => new Dropout2d(Number.NaN), new ValueError('Dropout2d: the probability is not in [0, 1): NaN')],
  [() => dropout(four, Number.NaN), new ValueError('dropout: the probability is not in [0, 1): NaN')],
  [() => dropout2d(four, 1), new ValueError('dropout2d: the probability is not in [0, 1): 1')],
  [() => alphaDropout(four, 1), new ValueError('alphaDropout: the probability is not in [0, 1): 1')],
  [
    () => featureAlphaDropout(four, 1),
    new ValueError('featureAlphaDropout: the probability is not in [0, 1): 1'),
  ],
  [
    () => featureAlphaDropout(zeros([3]), 0.5),
    new ShapeError('featureAlphaDropout: input is not [N, C, ...]: [3]'),
  ],
  [() => dropout1d(four, 0.5), new ShapeError('dropout1d: input is not [N, C, L]: [2,3,4,4]')],
  [() => dropout2d(zeros([2, 3]), 0.5), new ShapeError('dropout2d: input is not [N, C, H, W]: [2,3]')],
  [() => dropout3d(four, 0.5), new ShapeError('dropout3d: input is not [N, C, D, H, W]: [2,3,4,4]')],
]

test.each(errors)('error %#', (act, error) => {
  expect(act).toThrow(error)
})
