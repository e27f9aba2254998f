import { ValueError } from '@badak/tensor'
import { expect, test } from 'vitest'
import { StreamLoader, type StreamLoaderOptions } from '../../src/index.ts'

interface Numbers {
  readonly values: readonly (readonly [number, number])[]
}
type Options = Partial<StreamLoaderOptions<number, readonly [number, number], Numbers>>

/** A stream of 0 … 24, each with a number that is drawn for it. */
const stream = (options: Options = {}): StreamLoader<number, readonly [number, number], Numbers> =>
  new StreamLoader(
    async function* read() {
      for (let i = 0; i < 25; i++) yield i
    },
    {
      batchSize: 4,
      seed: 9,
      transform: (value, generator) => [value, generator.uniform()] as const,
      collate: (values) => ({ values }),
      ...options,
    },
  )

async function epoch(loader: ReturnType<typeof stream>): Promise<Numbers['values'][]> {
  const batches = []
  for await (const { values } of loader) batches.push(values)
  return batches
}
const numbers = (batches: Numbers['values'][]): number[] => batches.flat().map(([value]) => value)
const all = [...Array(25).keys()]

test('a stream comes in batches, in its order', async () => {
  const batches = await epoch(stream())
  expect(batches.map(({ length }) => length)).toEqual([4, 4, 4, 4, 4, 4, 1])
  expect(numbers(batches)).toEqual(all)
  expect((await epoch(stream({ dropLast: true }))).length).toBe(6)
})

test('with a buffer it is shuffled: each epoch in another order, the same for the same seed', async () => {
  const options = { shuffleBuffer: 10 }
  const loader = stream(options)
  const [first, second] = [await epoch(loader), await epoch(loader)]
  expect(numbers(first)).not.toEqual(all)
  expect(numbers(second)).not.toEqual(numbers(first))
  for (const batches of [first, second]) expect(numbers(batches).toSorted((a, b) => a - b)).toEqual(all)
  expect(await epoch(stream(options))).toEqual(first)
  // What is drawn for a sample depends neither on its place nor on the batch size.
  const drawn = new Map(first.flat())
  for (const [value, number] of (await epoch(stream({ batchSize: 25 }))).flat())
    expect(drawn.get(value)).toBe(number)
})

test('it is restored in the middle of an epoch', async () => {
  const straight = stream({ shuffleBuffer: 6 })
  const expected = [...(await epoch(straight)), ...(await epoch(straight))]
  for (const stop of [1, 5]) {
    const before = stream({ shuffleBuffer: 6 })
    const seen = []
    for await (const { values } of before) {
      seen.push(values)
      if (seen.length === stop) break
    }
    const after = stream({ shuffleBuffer: 6, seed: 1 })
    after.restore(JSON.parse(JSON.stringify(before.state())))
    expect([...seen, ...(await epoch(after)), ...(await epoch(after))]).toEqual(expected)
  }
})

test('processes share it', async () => {
  const shares = [0, 1, 2].map((rank) => epoch(stream({ share: { rank, worldSize: 3 } })))
  const each = (await Promise.all(shares)).map(numbers)
  expect(each.map(({ length }) => length)).toEqual([9, 8, 8])
  expect(each.flat().toSorted((a, b) => a - b)).toEqual(all)
})

test('what is left early is closed; what fails says where', async () => {
  let closed = false
  const loader = new StreamLoader(
    function* endless() {
      try {
        for (let i = 0; ; i++) yield i
      } finally {
        closed = true
      }
    },
    {
      batchSize: 2,
      transform: (i) => (i < 5 ? i : Promise.reject(new RangeError('too far'))),
      collate: (is) => ({ is }),
    },
  )
  await expect(
    (async () => {
      for await (const _ of loader) continue
    })(),
  ).rejects.toThrow('sample 5: too far')
  expect(closed).toBe(true)
  expect(() => stream({ batchSize: 0 })).toThrow(
    new ValueError('StreamLoader: batchSize must be a positive integer: 0'),
  )
  expect(() => stream({ share: { rank: 2, worldSize: 2 } })).toThrow(
    new ValueError('StreamLoader: rank must be an integer below 2: 2'),
  )
  expect(() => stream().restore({ seed: 0, epoch: 0, position: -1 })).toThrow(
    new ValueError('StreamLoader.restore: position must be a count: -1'),
  )
})
