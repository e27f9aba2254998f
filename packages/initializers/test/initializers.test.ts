import { readFileSync } from 'node:fs'
import { configure, Generator, seed, ShapeError, tensor, ValueError, type Tensor } from '@badak/tensor'
import {
  constant,
  fans,
  gain,
  glorotUniform,
  heNormal,
  heUniform,
  kaimingNormal,
  lecunNormal,
  lecunUniform,
  normal,
  ones,
  truncatedNormal,
  uniform,
  xavierNormal,
  xavierUniform,
  zeros,
  type Initializer,
  type Nonlinearity,
} from '@badak/initializers'
import { beforeEach, describe, expect, test } from 'vitest'
import { inverseErf } from '../src/inverse-erf.ts'
import { backends } from './backends.ts'

interface Recorded {
  fans: { shape: number[]; fans: [number, number] }[]
  gains: { nonlinearity: string; slope: number | null; gain: number }[]
  erfinv: Record<'x' | 'y', { data: number[] }>
}

const file = readFileSync(new URL('fixtures/initializers.json', import.meta.url), 'utf8')
const recorded = Object.assign({}, ...(JSON.parse(file) as { cases: object[] }).cases) as Recorded

beforeEach(() => configure({ backend: 'reference' }))

describe('fans', () => {
  test.each(recorded.fans)('of $shape, as in PyTorch', ({ shape, fans: [fanIn, fanOut] }) => {
    expect(fans(shape)).toEqual({ fanIn, fanOut })
  })

  test('of a vector are an error', () => {
    expect(() => fans([10])).toThrow(new ShapeError('fans: a weight has at least 2 axes, [out, in]: [10]'))
    expect(() => heNormal([10])).toThrow(ShapeError)
  })
})

describe('gain', () => {
  test.each(recorded.gains)('of $nonlinearity with slope $slope, as in PyTorch', (row) => {
    const name = row.nonlinearity === 'leaky_relu' ? 'leakyReLU' : (row.nonlinearity as Nonlinearity)
    expect(gain(name, row.slope ?? undefined)).toBeCloseTo(row.gain, 7)
  })

  test('of something unknown is an error', () => {
    expect(() => gain('swish' as Nonlinearity)).toThrow(
      new ValueError(
        'gain: unknown nonlinearity "swish": expected linear, sigmoid, tanh, relu, leakyReLU or selu',
      ),
    )
  })
})

describe.each(backends)('statistics on %s', (backend) => {
  const shape = [200, 500]
  const n = 200 * 500

  // Mean and variance by their definitions. For n draws the standard error of the mean is σ/√n, that of the
  // variance σ²·√((kurtosis − 1)/n): √(2/n) for normal, √(0.8/n) for uniform ones. Five of each: 1 seed in
  // 10⁶ would fail.
  const rows: [
    string,
    Initializer,
    { mean: number; variance: number; kurtosis: number; low?: number; high?: number },
  ][] = [
    [
      'uniform',
      (s) => uniform(s, { low: -2, high: 4 }),
      { mean: 1, variance: 3, kurtosis: 1.8, low: -2, high: 4 },
    ],
    ['normal', (s) => normal(s, { mean: 3, std: 2 }), { mean: 3, variance: 4, kurtosis: 3 }],
    ['xavierUniform', xavierUniform, symmetric(6 / 700)],
    ['xavierUniform, gain 2', (s) => xavierUniform(s, { gain: 2 }), symmetric(24 / 700)],
    ['glorotUniform', glorotUniform, symmetric(6 / 700)],
    ['xavierNormal', xavierNormal, { mean: 0, variance: 2 / 700, kurtosis: 3 }],
    ['heUniform', heUniform, symmetric(6 / 500)],
    ['heUniform, fanOut', (s) => heUniform(s, { mode: 'fanOut' }), symmetric(6 / 200)],
    ['heNormal', heNormal, { mean: 0, variance: 2 / 500, kurtosis: 3 }],
    [
      'kaimingNormal, tanh',
      (s) => kaimingNormal(s, { nonlinearity: 'tanh' }),
      { mean: 0, variance: 25 / 9 / 500, kurtosis: 3 },
    ],
    ['lecunUniform', lecunUniform, symmetric(3 / 500)],
    ['lecunNormal', lecunNormal, { mean: 0, variance: 1 / 500, kurtosis: 3 }],
    // The standard normal between ±2: variance 1 − 4·φ(2)/(2Φ(2) − 1) = 0.7737, fourth moment 1.4161 (by
    // integration).
    [
      'truncatedNormal',
      truncatedNormal,
      { mean: 0, variance: 0.77374, kurtosis: 1.41614 / 0.77374 ** 2, low: -2, high: 2 },
    ],
    [
      'truncatedNormal, scaled',
      (s) => truncatedNormal(s, { mean: 1, std: 0.5 }),
      { mean: 1, variance: 0.77374 / 4, kurtosis: 1.41614 / 0.77374 ** 2, low: 0, high: 2 },
    ],
  ]

  /** U(−a, a) with a² given. */
  function symmetric(square: number): {
    mean: number
    variance: number
    kurtosis: number
    low: number
    high: number
  } {
    return { mean: 0, variance: square / 3, kurtosis: 1.8, low: -Math.sqrt(square), high: Math.sqrt(square) }
  }

  test.each(rows)('%s', async (_, init, expected) => {
    configure({ backend })
    seed(1)
    const values = Float64Array.from(await init(shape).data())
    const mean = values.reduce((a, b) => a + b) / n
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1)
    expect(Math.abs(mean - expected.mean)).toBeLessThan(5 * Math.sqrt(expected.variance / n))
    expect(Math.abs(variance / expected.variance - 1)).toBeLessThan(
      5 * Math.sqrt((expected.kurtosis - 1) / n),
    )
    const { low, high } = expected
    if (low === undefined || high === undefined) return
    // Nothing outside, and, with so many draws, something near each end.
    const [least, greatest] = [
      values.reduce((a, b) => Math.min(a, b)),
      values.reduce((a, b) => Math.max(a, b)),
    ]
    const slack = 1e-6 * (high - low)
    expect(least).toBeGreaterThanOrEqual(low - slack)
    expect(greatest).toBeLessThanOrEqual(high + slack)
    expect(least - low).toBeLessThan(0.001 * (high - low))
    expect(high - greatest).toBeLessThan(0.001 * (high - low))
  })
})

describe('constants', () => {
  test('are what they say', async () => {
    const row = async (t: Tensor): Promise<number[]> => [...(await t.data())]
    expect(await row(zeros([2]))).toEqual([0, 0])
    expect(await row(ones([2]))).toEqual([1, 1])
    expect(await row(constant([2], { value: 0.5 }))).toEqual([0.5, 0.5])
    expect(constant([2], { dtype: 'float64' }).dtype).toBe('float64')
  })
})

describe('streams', () => {
  test('the same seed gives the same weights, the next draw others', async () => {
    seed(3)
    const first = await heNormal([4, 5]).data()
    const second = await heNormal([4, 5]).data()
    seed(3)
    expect(await heNormal([4, 5]).data()).toEqual(first)
    expect(second).not.toEqual(first)
  })

  test('a generator of its own leaves the default one alone', async () => {
    seed(3)
    const plain = await uniform([4]).data()
    seed(3)
    const own = await uniform([4], { generator: new Generator(9) }).data()
    expect(await uniform([4]).data()).toEqual(plain)
    expect(await truncatedNormal([4], { generator: new Generator(9) }).data()).not.toEqual(own)
  })
})

describe('inverse of erf', () => {
  test('as in PyTorch', async () => {
    const values = await inverseErf(tensor(recorded.erfinv.x.data)).data()
    recorded.erfinv.y.data.forEach((y, i) =>
      expect(Math.abs(values[i]! - y)).toBeLessThan(3e-6 * Math.max(Math.abs(y), 1e-6)),
    )
  })
})

describe('errors', () => {
  test.each([
    [() => uniform([2], { low: 1, high: 0 }), 'uniform: low and high are not an interval: 1, 0'],
    [() => normal([2], { std: -1 }), 'normal: std is not a number ≥ 0: -1'],
    [() => normal([2], { mean: Number.NaN }), 'normal: the mean is not finite: NaN'],
    [() => truncatedNormal([2], { std: 0 }), 'truncatedNormal: low and high are not an interval: 0, 0'],
    [
      () => heNormal([2, 2], { mode: 'fan_in' as 'fanIn' }),
      'heNormal: unknown mode "fan_in": expected fanIn or fanOut',
    ],
  ])('%#', (make, text) => {
    expect(make).toThrow(new ValueError(text))
  })
})
