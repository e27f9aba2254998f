import {
  conv2d,
  configure,
  Generator,
  seed,
  ShapeError,
  tensor,
  ValueError,
  type Tensor,
} from '@badak/tensor'
import {
  constant,
  dirac,
  fans,
  gain,
  heNormal,
  heUniform,
  identity,
  lecunNormal,
  lecunUniform,
  normal,
  ones,
  orthogonal,
  sparse,
  truncatedNormal,
  uniform,
  varianceScaling,
  xavierNormal,
  xavierUniform,
  zeros,
  type Initializer,
  type Nonlinearity,
} from '@badak/initializers'
import { beforeEach, describe, expect, test } from 'vitest'
import { inverseErf } from '../src/inverse-erf.ts'
import { readCases } from './recorded.ts'

interface Recorded {
  fans: { shape: number[]; fans: [number, number] }[]
  gains: { nonlinearity: string; slope: number | null; gain: number }[]
  erfinv: Record<'x' | 'y', { data: number[] }>
  eyes: { shape: number[]; values: number[] }[]
  diracs: { shape: number[]; groups: number; values: number[] }[]
}

const recorded = Object.assign({}, ...readCases()) as Recorded

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
    const name = row.nonlinearity
      .replace('leaky_relu', 'leakyReLU')
      .replace('conv_transpose', 'convTranspose') as Nonlinearity
    expect(gain(name, row.slope ?? undefined)).toBeCloseTo(row.gain, 12)
  })

  test('of something unknown is an error', () => {
    expect(() => gain('swish' as Nonlinearity)).toThrow(
      new ValueError(
        'gain: unknown nonlinearity "swish": expected one of linear, conv1d, conv2d, conv3d, convTranspose1d, ' +
          'convTranspose2d, convTranspose3d, sigmoid, tanh, relu, leakyReLU, selu',
      ),
    )
    expect(() => gain('leakyReLU', Number.NaN)).toThrow(
      new ValueError('gain: negativeSlope is not a number: NaN'),
    )
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

describe('identities', () => {
  test.each(recorded.eyes)('identity of $shape, as in PyTorch', async ({ shape, values }) => {
    expect([...(await identity(shape).data())]).toEqual(values)
  })

  test.each(recorded.diracs)('dirac of $shape in $groups groups, as in PyTorch', async (row) => {
    const { shape, groups, values } = row
    expect([...(await dirac(shape, { groups }).data())]).toEqual(values)
  })

  test('a dirac convolution passes its input on', async () => {
    const x = normal([1, 4, 5, 6])
    const y = conv2d(x, dirac([4, 2, 3, 3], { groups: 2 }), { padding: 1, groups: 2 })
    expect(await y.data()).toEqual(await x.data())
  })
})

const draws: Record<string, Initializer> = {
  uniform,
  normal,
  truncatedNormal,
  xavierUniform,
  xavierNormal,
  heUniform,
  heNormal,
  lecunUniform,
  lecunNormal,
  varianceScaling,
  orthogonal,
  sparse: (shape, options) => sparse(shape, { sparsity: 0.5, ...options }),
}
const all: Record<string, Initializer> = { ...draws, zeros, ones, constant, identity, dirac }
const ranks: Record<string, readonly [least: number, most: number]> = {
  identity: [2, 2],
  sparse: [2, 2],
  dirac: [3, 5],
}
const anyRank = new Set(['zeros', 'ones', 'constant', 'uniform', 'normal', 'truncatedNormal'])

describe('shapes and types', () => {
  const shapes = [[6], [6, 4], [6, 4, 3], [6, 4, 3, 2], [6, 4, 3, 2, 5], [0, 4], [4, 0, 3]]
  const fits = (name: string, { length }: readonly number[]): boolean => {
    const [least, most] = ranks[name] ?? [anyRank.has(name) ? 1 : 2, 5]
    return length >= least && length <= most
  }
  const named = Object.entries(all)
  const allowed = named.flatMap(([name, init]) =>
    shapes.filter((shape) => fits(name, shape)).map((shape) => [name, shape, init] as const),
  )
  const refused = named.flatMap(([name, init]) =>
    shapes.filter((shape) => !fits(name, shape)).map((shape) => [name, shape, init] as const),
  )

  test.each(allowed)('%s of %j', async (_, shape, init) => {
    const made = init(shape, { dtype: 'float64' })
    expect(made.shape).toEqual(shape)
    expect(made.dtype).toBe('float64')
    expect((await made.data()).every(Number.isFinite)).toBe(true)
    expect(init(shape).dtype).toBe('float32')
  })

  test.each(refused)('no %s of %j', (_, shape, init) => {
    expect(() => init(shape)).toThrow(ShapeError)
  })
})

describe('streams', () => {
  test.each(Object.keys(draws))('%s: the same seed gives the same, the next draw another', async (name) => {
    const next = async (): Promise<unknown> => draws[name]!([4, 5]).data()
    seed(3)
    const [first, second] = [await next(), await next()]
    seed(3)
    expect(await next()).toEqual(first)
    expect(second).not.toEqual(first)
    const own = draws[name]!([4, 5], { generator: new Generator(9) })
    expect(await own.data()).not.toEqual(first)
    expect(await next()).toEqual(second)
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
      'heNormal: unknown mode "fan_in": expected fanIn, fanOut or average',
    ],
    [() => xavierUniform([2, 2], { gain: Number.NaN }), 'xavierUniform: gain is not a number ≥ 0: NaN'],
    [() => xavierNormal([2, 2], { gain: -1 }), 'xavierNormal: gain is not a number ≥ 0: -1'],
    [() => varianceScaling([2, 2], { scale: -1 }), 'varianceScaling: scale is not a number ≥ 0: -1'],
    [
      () => varianceScaling([2, 2], { distribution: 'cauchy' as 'normal' }),
      'varianceScaling: unknown distribution "cauchy": expected truncatedNormal, normal or uniform',
    ],
    [() => orthogonal([2, 2], { gain: Infinity }), 'orthogonal: gain is not a number: Infinity'],
    [() => dirac([3, 2, 1], { groups: 2 }), 'dirac: groups is no divisor of 3 outputs: 2'],
    [() => dirac([3, 2, 1], { groups: 0 }), 'dirac: groups is no divisor of 3 outputs: 0'],
    [() => sparse([3, 2], { sparsity: 1.5 }), 'sparse: sparsity is not a number in [0, 1]: 1.5'],
    [() => sparse([3, 2], { sparsity: 0.5, std: -1 }), 'normal: std is not a number ≥ 0: -1'],
  ])('%#', (make, text) => {
    expect(make).toThrow(new ValueError(text))
  })

  test.each([
    [() => orthogonal([10]), 'orthogonal: expected at least 2 axes: [10]'],
    [() => orthogonal([10, -1]), 'orthogonal: sizes are not integers ≥ 0: [10,-1]'],
    [() => identity([2, 2, 2]), 'identity: expected 2 axes: [2,2,2]'],
    [() => dirac([2, 2]), 'dirac: expected 3 to 5 axes: [2,2]'],
    [() => sparse([2], { sparsity: 0.5 }), 'sparse: expected 2 axes: [2]'],
  ])('of shapes %#', (make, text) => {
    expect(make).toThrow(new ShapeError(text))
  })
})
