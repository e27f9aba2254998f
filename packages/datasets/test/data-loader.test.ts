import { Generator, seed, ValueError } from '@badak/tensor'
import { describe, expect, test } from 'vitest'
import { DataLoader, type DataLoaderOptions, type Dataset } from '../src/index.ts'

/** Batches are the positions themselves. */
const positions = (length: number): Dataset<number[]> => ({ length, gatherBatch: (indices) => [...indices] })

const loader = (length: number, options: DataLoaderOptions): DataLoader<number[]> =>
  new DataLoader(positions(length), options)

async function epoch(from: DataLoader<number[]>): Promise<number[][]> {
  const batches: number[][] = []
  for await (const batch of from) batches.push(batch)
  return batches
}

test('batches in order; the last one is what is left, or is left out', async () => {
  const all = loader(5, { batchSize: 2 })
  expect([all.length, await epoch(all)]).toEqual([3, [[0, 1], [2, 3], [4]]])
  const full = loader(5, { batchSize: 2, dropLast: true })
  expect([full.length, await epoch(full)]).toEqual([
    2,
    [
      [0, 1],
      [2, 3],
    ],
  ])
  expect([
    loader(1, { batchSize: 2, dropLast: true }).length,
    await epoch(loader(0, { batchSize: 2 })),
  ]).toEqual([0, []])
})

describe('shuffling', () => {
  test('every epoch is a permutation of its own, and the seed fixes them all', async () => {
    const [a, b] = [
      loader(100, { batchSize: 7, shuffle: true, seed: 1 }),
      loader(100, { batchSize: 7, shuffle: true, seed: 1 }),
    ]
    const first = (await epoch(a)).flat()
    const second = (await epoch(a)).flat()
    expect(first.toSorted((x, y) => x - y)).toEqual([...Array(100).keys()])
    expect(second.toSorted((x, y) => x - y)).toEqual([...Array(100).keys()])
    expect(second).not.toEqual(first)
    expect(first).not.toEqual([...Array(100).keys()])
    expect([(await epoch(b)).flat(), (await epoch(b)).flat()]).toEqual([first, second])
    expect((await epoch(loader(100, { batchSize: 7, shuffle: true, seed: 2 }))).flat()).not.toEqual(first)
  })

  test('without a seed, it follows the generator', async () => {
    const order = async (): Promise<number[]> =>
      (await epoch(loader(50, { batchSize: 50, shuffle: true })))[0]!
    seed(3)
    const [first, second] = [await order(), await order()]
    seed(3)
    expect(await order()).toEqual(first)
    expect(second).not.toEqual(first)
    const own = async (): Promise<number[][]> =>
      epoch(loader(50, { batchSize: 50, shuffle: true, generator: new Generator(4) }))
    expect(await own()).toEqual(await own())
  })
})

describe('state', () => {
  test('a loader restored anywhere hands out what would have come next', async () => {
    const options = { batchSize: 3, shuffle: true, seed: 5 }
    const straight = loader(10, options)
    const expected = [...(await epoch(straight)), ...(await epoch(straight)), ...(await epoch(straight))]
    for (let stop = 0; stop < 8; stop++) {
      const before = loader(10, options)
      const seen: number[][] = []
      while (seen.length < stop) {
        for await (const batch of before) {
          seen.push(batch)
          if (seen.length === stop) break
        }
      }
      const after = loader(10, { batchSize: 3, shuffle: true, seed: 99 })
      after.restore(JSON.parse(JSON.stringify(before.state())))
      while (seen.length < expected.length) for await (const batch of after) seen.push(batch)
      expect(seen).toEqual(expected)
    }
  })

  test('says what has been handed out', async () => {
    const counted = loader(5, { batchSize: 2, seed: 1 })
    const states = []
    for await (const _ of counted) states.push(counted.state().position)
    expect(states).toEqual([2, 4, 5])
    expect(counted.state()).toEqual({ seed: 1, epoch: 1, position: 0 })
  })

  test('break leaves the epoch: the next loop begins another', async () => {
    const left = loader(6, { batchSize: 2, shuffle: true, seed: 1 })
    for await (const _ of left) break
    expect(left.state()).toEqual({ seed: 1, epoch: 0, position: 2 })
    expect((await epoch(left)).flat()).toHaveLength(6)
    expect(left.state()).toEqual({ seed: 1, epoch: 2, position: 0 })
  })
})

test('refuses what is not a size, a seed or a state', () => {
  for (const batchSize of [0, -1, 1.5, NaN]) {
    expect(() => loader(5, { batchSize })).toThrow(
      new ValueError(`DataLoader: batchSize must be a positive integer: ${batchSize}`),
    )
  }
  expect(() => loader(5, { batchSize: 1, seed: -1 })).toThrow(
    new ValueError('DataLoader: seed must be an integer from 0 to 2^32 - 1: -1'),
  )
  const restored = loader(5, { batchSize: 1 })
  expect(() => restored.restore({ seed: 1, epoch: 0, position: 6 })).toThrow(
    new ValueError('DataLoader.restore: position 6 is beyond the 5 samples'),
  )
  expect(() => restored.restore({ seed: 1, epoch: -1, position: 0 })).toThrow(
    new ValueError('DataLoader.restore: epoch must be a count: -1'),
  )
})
