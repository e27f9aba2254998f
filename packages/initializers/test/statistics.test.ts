// What is drawn, beside what theory says and what PyTorch has drawn. Bounds are five standard errors: about
// one in a million seeds would fail.
import { concat, configure, matmul, seed, type Tensor, transpose } from '@badak/tensor'
import {
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  kaimingNormal,
  lecunNormal,
  lecunUniform,
  normal,
  orthogonal,
  sparse,
  truncatedNormal,
  uniform,
  varianceScaling,
  xavierNormal,
  xavierUniform,
} from '@badak/initializers'
import { beforeEach, describe, expect, test } from 'vitest'
import { readCases } from './recorded.ts'

interface Draws {
  readonly name: string
  readonly shape: readonly number[]
  readonly count: number
  readonly mean: number
  readonly variance: number
  readonly kurtosis: number
  readonly probabilities: readonly number[]
  /** Below the k-th is the k-th probability of what was drawn. */
  readonly quantiles: readonly number[]
}

const recorded = new Map(
  readCases()
    .flatMap((row) => ('draws' in row ? [row.draws as Draws] : []))
    .map((draws) => [draws.name, draws]),
)

/** Moments by theory, and the ends of the distribution if it has any. */
interface Theory {
  readonly mean?: number
  readonly variance: number
  readonly kurtosis: number
  readonly low?: number
  readonly high?: number
}

/** U(−a, a) with a² given. */
const symmetric = (square: number): Theory => ({
  variance: square / 3,
  kurtosis: 1.8,
  low: -Math.sqrt(square),
  high: Math.sqrt(square),
})
const gaussian = (variance: number, mean = 0): Theory => ({ mean, variance, kurtosis: 3 })

// The standard normal between ±2: variance 1 − 4·φ(2)/(2Φ(2) − 1) = 0.7737, fourth moment 1.4161 (by
// integration).
const truncated = (variance: number): Theory => ({
  variance,
  kurtosis: 1.41614 / 0.77374 ** 2,
  low: -2 * Math.sqrt(variance / 0.77374),
  high: 2 * Math.sqrt(variance / 0.77374),
})

const image = [64, 32, 3, 3]
// Between −½ and 2 deviations: by integration.
const oneSided: Theory = { mean: 1.2228719, variance: 0.0941485, kurtosis: 2.34902, low: 0.75, high: 2 }

const rows: [name: string, init: Initializer, theory: Theory, shape?: readonly number[]][] = [
  [
    'uniform',
    (s) => uniform(s, { low: -2, high: 4 }),
    { mean: 1, variance: 3, kurtosis: 1.8, low: -2, high: 4 },
  ],
  ['normal', (s) => normal(s, { mean: 3, std: 2 }), gaussian(4, 3)],
  ['truncatedNormal', truncatedNormal, truncated(0.77374)],
  [
    'truncatedNormal, one-sided',
    (s) => truncatedNormal(s, { mean: 1, std: 0.5, low: 0.75, high: 2 }),
    oneSided,
  ],
  ['xavierUniform', glorotUniform, symmetric(6 / 700)],
  ['xavierUniform, gain', (s) => xavierUniform(s, { gain: 2 }), symmetric(24 / 700)],
  ['xavierUniform, image', xavierUniform, symmetric(6 / 864), image],
  ['xavierNormal', xavierNormal, gaussian(2 / 700)],
  ['xavierNormal, gain', (s) => xavierNormal(s, { gain: 5 / 3 }), gaussian(50 / 9 / 700)],
  ['heUniform', heUniform, symmetric(6 / 500)],
  ['heUniform, fanOut', (s) => heUniform(s, { mode: 'fanOut' }), symmetric(6 / 200)],
  [
    'heUniform, leaky',
    (s) => heUniform(s, { nonlinearity: 'leakyReLU', negativeSlope: Math.sqrt(5) }),
    symmetric(1 / 288),
    image,
  ],
  ['heUniform, average', (s) => heUniform(s, { mode: 'average' }), symmetric(6 / 350)],
  ['heNormal', heNormal, gaussian(2 / 500)],
  [
    'heNormal, fanOut, tanh',
    (s) => kaimingNormal(s, { mode: 'fanOut', nonlinearity: 'tanh' }),
    gaussian(25 / 9 / 576),
    image,
  ],
  ['lecunUniform', lecunUniform, symmetric(3 / 500)],
  ['lecunNormal', lecunNormal, gaussian(1 / 500)],
  ['varianceScaling', varianceScaling, truncated(1 / 500)],
  [
    'varianceScaling, uniform',
    (s) => varianceScaling(s, { scale: 3, mode: 'average', distribution: 'uniform' }),
    symmetric(9 / 350),
  ],
  [
    'varianceScaling, normal',
    (s) => varianceScaling(s, { scale: 0.5, mode: 'fanOut', distribution: 'normal' }),
    gaussian(0.5 / 200),
  ],
]

const beyondPyTorch = [
  'heUniform, average',
  'varianceScaling',
  'varianceScaling, uniform',
  'varianceScaling, normal',
]

interface Moments {
  readonly mean: number
  readonly variance: number
  readonly kurtosis: number
  readonly count: number
}

/** By their definitions. */
function momentsOf(values: Float64Array): Moments {
  const count = values.length
  const mean = values.reduce((a, b) => a + b) / count
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (count - 1)
  const fourth = values.reduce((sum, x) => sum + (x - mean) ** 4, 0) / count
  return { mean, variance, kurtosis: fourth / variance ** 2, count }
}

/**
 * How many standard errors lie between two means, or between two variances; theory has infinitely many draws.
 */
function distances(
  a: Moments,
  b: { mean: number; variance: number; kurtosis: number; count: number },
): number[] {
  const share = 1 / a.count + 1 / b.count
  return [
    Math.abs(a.mean - b.mean) / Math.sqrt(b.variance * share),
    Math.abs(a.variance / b.variance - 1) / Math.sqrt((b.kurtosis - 1) * share),
  ]
}

/** By how many standard errors the parts below PyTorch's quantiles miss their probabilities. */
function quantileDistances(values: Float64Array, { probabilities, quantiles, count }: Draws): number[] {
  const sorted = values.toSorted()
  return quantiles.map((quantile, k) => {
    const below = sorted.findLastIndex((x) => x <= quantile) + 1
    const p = probabilities[k]!
    return Math.abs(below / sorted.length - p) / Math.sqrt(p * (1 - p) * (1 / sorted.length + 1 / count))
  })
}

const worst = (numbers: readonly number[]): number =>
  numbers.every((x) => x >= 0) ? Math.max(...numbers) : Infinity

describe.each(['reference', 'wasm'] as const)('on %s', (backend) => {
  beforeEach(() => {
    configure({ backend })
    seed(1)
  })

  test.each(rows)('%s', async (name, init, theory, shape = [200, 500]) => {
    const parts = Array.from({ length: shape === image ? 6 : 1 }, () => init(shape).flatten())
    const values = Float64Array.from(await concat(parts).data())
    const moments = momentsOf(values)
    expect(worst(distances(moments, { mean: 0, ...theory, count: Infinity }))).toBeLessThan(5)
    const draws = recorded.get(name)
    expect(draws !== undefined).toBe(!beyondPyTorch.includes(name))
    expect(draws ? worst(distances(moments, draws)) : 0).toBeLessThan(5)
    expect(draws ? worst(quantileDistances(values, draws)) : 0).toBeLessThan(5)

    // Nothing outside, and, with so many draws, something near each end.
    const { low = -Infinity, high = Infinity } = theory
    const [least, greatest] = [Math.min, Math.max].map((of) => values.reduce((a, b) => of(a, b))) as [
      number,
      number,
    ]
    const width = high - low
    expect(width === Infinity || least >= low - 1e-6 * width).toBe(true)
    expect(width === Infinity || greatest <= high + 1e-6 * width).toBe(true)
    expect(width === Infinity || least - low < 0.001 * width).toBe(true)
    expect(width === Infinity || high - greatest < 0.001 * width).toBe(true)
  })
})

describe('orthogonal', () => {
  beforeEach(() => {
    configure({ backend: 'reference' })
    seed(5)
  })

  const shapes = [
    [40, 40],
    [30, 50],
    [50, 30],
    [8, 3, 3, 3],
    [40, 2, 3],
    [1, 7],
    [7, 1],
  ]
  test.each(shapes.map((shape) => [shape] as const))('%j has orthonormal rows or columns', async (shape) => {
    for (const gain of [1, 2.5]) {
      for (const [dtype, tolerance] of [
        ['float32', 1e-5],
        ['float64', 1e-12],
      ] as const) {
        const made = orthogonal(shape, { gain, dtype }).cast('float64')
        const matrix = made.reshape([shape[0]!, made.size / shape[0]!])
        const wide = matrix.shape[0]! <= matrix.shape[1]!
        const [a, b] = wide ? [matrix, transpose(matrix)] : [transpose(matrix), matrix]
        const product = matmul(a, b)
        const [size] = product.shape as [number]
        const values = await product.data()
        const errors = Array.from(values, (x, i) => Math.abs(x / gain ** 2 - (i % (size + 1) === 0 ? 1 : 0)))
        expect(values.length).toBe(Math.min(...matrix.shape) ** 2)
        expect(worst(errors)).toBeLessThan(tolerance)
      }
    }
  })

  test('draws elements as PyTorch does', async () => {
    const draws = recorded.get('orthogonal')!
    const parts = await Promise.all(Array.from({ length: 50 }, () => orthogonal(draws.shape).data()))
    const values = Float64Array.from(parts.flatMap((part) => [...part]))
    // The columns have length 1: of the variance there is nothing to chance.
    const { mean, variance } = momentsOf(values)
    expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(variance / values.length))
    expect(variance).toBeCloseTo(1 / 50, 6)
    expect(worst(quantileDistances(values, draws))).toBeLessThan(5)
  })

  // Of matrices that are all equally likely the trace has mean 0 and variance 1 (Diaconis & Shahshahani
  // 1994); a factor with signs of its own would show.
  test('has no preferred direction', async () => {
    const count = 400
    const traces = await Promise.all(
      Array.from({ length: count }, async () => {
        const q = await orthogonal([5, 5], { dtype: 'float64' }).data()
        return [0, 6, 12, 18, 24].reduce((sum, i) => sum + q[i]!, 0)
      }),
    )
    const { mean, variance } = momentsOf(Float64Array.from(traces))
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(count))
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / count))
  })
})

test('sparse has its zeros in each column, and draws the rest as PyTorch does', async () => {
  configure({ backend: 'reference' })
  seed(6)
  const [rows, columns] = [40, 2500]
  const values = await sparse([rows, columns], { sparsity: 0.26, std: 0.5 }).data()
  const zerosOf = (column: number): number[] =>
    Array.from({ length: rows }, (_, row) => row).filter((row) => values[row * columns + column] === 0)
  const zeros = Array.from({ length: columns }, (_, column) => zerosOf(column))
  expect(zeros.every((places) => places.length === Math.ceil(0.26 * rows))).toBe(true)
  // Each row is as likely as any other: of 2500 columns 11/40 have a zero there.
  const p = 11 / 40
  const counts = Array.from(
    { length: rows },
    (_, row) => zeros.filter((places) => places.includes(row)).length,
  )
  const errors = counts.map((count) => Math.abs(count / columns - p) / Math.sqrt((p * (1 - p)) / columns))
  expect(worst(errors)).toBeLessThan(5)
  const others = Float64Array.from(values).filter((x) => x !== 0)
  expect(worst(distances(momentsOf(others), recorded.get('sparse')!))).toBeLessThan(5)
  expect(worst(quantileDistances(others, recorded.get('sparse')!))).toBeLessThan(5)
})

// A signal through fifty layers: the reason for 1/√n and √(2/n).
test.each([
  ['1/√n keeps what tanh passes alive', lecunNormal, (x: Tensor) => x.tanh(), [0.05, 0.3]],
  ['√(2/n) keeps what ReLU passes as it is', heNormal, (x: Tensor) => x.relu(), [0.3, 3]],
  ['1/√n loses it behind ReLU', lecunNormal, (x: Tensor) => x.relu(), [0, 1e-6]],
] as const)('%s', async (_, init, activation, [least, most]) => {
  configure({ backend: 'wasm' })
  seed(7)
  let x = normal([64, 256])
  for (let layer = 0; layer < 50; layer++) x = activation(x.matmul(transpose(init([256, 256]))))
  const size = await x.square().mean().sqrt().item()
  expect(size).toBeGreaterThanOrEqual(least)
  expect(size).toBeLessThan(most)
})
