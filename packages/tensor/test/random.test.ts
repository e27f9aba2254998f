import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import {
  compile, configure, Generator, permutation, randomBernoulli, randomNormal, randomUniform, seed, shutdown, type Tensor,
} from '../src/index.ts'
import { philox } from '../src/random.ts'

const hex = (words: readonly number[]): string => words.map((word) => word.toString(16).padStart(8, '0')).join(' ')
const numbers = async (x: Tensor): Promise<number[]> => [...(await x.data())]

afterAll(shutdown)

describe('Philox 4×32-10', () => {
  // Known answers of the authors' library: Random123, tests/kat_vectors.
  const ones = 0xffffffff
  test.each([
    { counter: [0, 0, 0, 0], key: [0, 0], words: '6627e8d5 e169c58d bc57ac4c 9b00dbd8' },
    { counter: [ones, ones, ones, ones], key: [ones, ones], words: '408f276d 41c83b0e a20bc7c6 6d5451fd' },
    {
      counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      key: [0xa4093822, 0x299f31d0],
      words: 'd16cfe09 94fdcceb 5001e420 24126ea1',
    },
  ])('$words', ({ counter, key, words }) => expect(hex(philox(counter, key))).toBe(words))
})

describe.each(['reference', 'wasm'] as const)('Generator with %s', (backend) => {
  beforeEach(() => configure({ backend }))

  test('a draw of n elements moves the stream by ⌈n / 4⌉ blocks', () => {
    const generator = new Generator(7)
    randomUniform([3, 3], { generator })
    expect(generator.state).toEqual({ key: '7', offset: '3' })
    randomUniform([0], { generator })
    expect(generator.state).toEqual({ key: '7', offset: '3' })
  })

  test('host and tensor draw from the same stream', async () => {
    const words = [...philox([0, 0, 0, 0], [9, 0]), ...philox([1, 0, 0, 0], [9, 0])]
    const drawn = await numbers(randomUniform([6], { generator: new Generator(9) }))
    expect(drawn).toEqual(words.slice(0, 6).map((word) => (word >>> 8) * 2 ** -24))
    expect(new Generator(9).integers(2 ** 32)).toBe(words[0])
  })

  test('keys and offsets use all of their 64 bits', async () => {
    const generator = new Generator(0)
    generator.state = { key: 2n ** 63n + 5n, offset: String(2n ** 32n - 1n) }
    const words = [
      ...philox([0xffffffff, 0, 0, 0], [5, 0x80000000]),
      ...philox([0, 1, 0, 0], [5, 0x80000000]),
    ]
    const drawn = await numbers(randomUniform([8], { generator }))
    expect(drawn).toEqual(words.map((word) => (word >>> 8) * 2 ** -24))
    expect(generator.state).toEqual({ key: '9223372036854775813', offset: '4294967297' })
  })

  test('its state continues the stream, also through JSON', async () => {
    const generator = new Generator(3)
    generator.uniform()
    const state = JSON.parse(JSON.stringify(generator.state)) as typeof generator.state
    const expected = await numbers(randomNormal([5], { generator }))
    const resumed = new Generator()
    resumed.state = state
    expect(await numbers(randomNormal([5], { generator: resumed }))).toEqual(expected)
  })

  test('without a seed each stream is another', () => {
    expect(new Generator().state.key).not.toBe(new Generator().state.key)
  })

  test('negative and large seeds choose streams', () => {
    expect(new Generator(-1).state.key).toBe(String(2n ** 64n - 1n))
    expect(new Generator(2n ** 64n + 1n).state.key).toBe('1')
  })

  test('integers fall evenly, and within range', () => {
    const generator = new Generator(1)
    const counts = [0, 0, 0, 0, 0, 0]
    for (let i = 0; i < 6000; i++) counts[generator.integers(6)]!++
    // χ² with 5 degrees of freedom exceeds 20.5 once in a thousand seeds.
    expect(counts.reduce((chi, n) => chi + (n - 1000) ** 2 / 1000, 0)).toBeLessThan(20.5)
  })

  test('a permutation holds each number once, and its first element falls evenly', () => {
    const generator = new Generator(2)
    expect([...generator.permutation(100)].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i))
    const counts = [0, 0, 0, 0]
    for (let i = 0; i < 4000; i++) counts[generator.permutation(4)[0]!]!++
    // χ² with 3 degrees of freedom exceeds 16.3 once in a thousand seeds.
    expect(counts.reduce((chi, n) => chi + (n - 1000) ** 2 / 1000, 0)).toBeLessThan(16.3)
  })

  test('shuffles any list in place', () => {
    const items = ['a', 'b', 'c', 'd']
    expect(new Generator(5).shuffle(items)).toBe(items)
    expect(items.toSorted()).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe.each(['reference', 'wasm'] as const)('random tensors on %s', (backend) => {
  beforeEach(() => configure({ backend }))

  test('the same seed gives the same numbers; the next draw gives others', async () => {
    seed(7)
    const first = await numbers(randomUniform([4]))
    const second = await numbers(randomUniform([4]))
    seed(7)
    expect(await numbers(randomUniform([4]))).toEqual(first)
    expect(second).not.toEqual(first)
  })

  test('uniform numbers have the mean and variance of their interval', async () => {
    const values = await numbers(randomUniform([10000], { low: -1, high: 3, generator: new Generator(1) }))
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-1)
    expect(Math.max(...values)).toBeLessThan(3)
    const { mean, variance } = moments(values)
    // Standard errors: 4/√12/100 = 0.0115 of the mean, 0.012 of the variance; four of each.
    expect(Math.abs(mean - 1)).toBeLessThan(0.047)
    expect(Math.abs(variance - 16 / 12)).toBeLessThan(0.048)
  })

  test('normal numbers have their mean, variance, and share within one deviation', async () => {
    const values = await numbers(randomNormal([10000], { mean: 2, std: 3, generator: new Generator(1) }))
    const { mean, variance } = moments(values)
    // Standard errors: 0.03 of the mean, √2/100·9 = 0.127 of the variance, 0.0047 of the share; four of each.
    expect(Math.abs(mean - 2)).toBeLessThan(0.12)
    expect(Math.abs(variance - 9)).toBeLessThan(0.51)
    const within = values.filter((value) => Math.abs(value - 2) < 3).length / values.length
    expect(Math.abs(within - 0.6827)).toBeLessThan(0.019)
  })

  test('bernoulli gives ones with probability p', async () => {
    const values = await numbers(randomBernoulli([10000], 0.3, { generator: new Generator(1) }))
    expect(new Set(values)).toEqual(new Set([0, 1]))
    // The standard error is 0.0046.
    expect(Math.abs(moments(values).mean - 0.3)).toBeLessThan(0.019)
    expect(await numbers(randomBernoulli([4], 0))).toEqual([0, 0, 0, 0])
    expect(await numbers(randomBernoulli([4], 1))).toEqual([1, 1, 1, 1])
  })

  test('a compiled function draws anew at each run, from the same stream', async () => {
    const draw = compile(() => ({ uniform: randomUniform([3]), order: permutation(5) }))
    const run = async (): Promise<number[]> => {
      const { uniform, order } = draw()
      return [...(await numbers(uniform)), ...(await numbers(order))]
    }
    seed(7)
    const first = [await run(), await run(), await run()]
    expect(new Set(first.map(String)).size).toBe(3)
    seed(7)
    expect([await run(), await run(), await run()]).toEqual(first)
  })

  test('a permutation is an int32 tensor', async () => {
    const order = permutation(5, { generator: new Generator(1) })
    expect(order.dtype).toBe('int32')
    expect((await numbers(order)).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4])
  })
})

function moments(values: readonly number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length }
}
