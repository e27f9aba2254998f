import { IndexError, ShapeError, ValueError } from '@badak/tensor'
import { expect, test } from 'vitest'
import {
  arrayDataset,
  balancedWeights,
  DataLoader,
  type Dataset,
  distributedSampler,
  imageSamples,
  imagenetStatistics,
  kFold,
  randomSampler,
  sampleDataset,
  sequentialSampler,
  splitIndices,
  stackSamples,
  stratifiedSampler,
  subset,
  weightedSampler,
} from '../../src/index.ts'

const draw = { seed: 3, epoch: 0 }
const sorted = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b)
const all = (count: number): number[] => [...Array(count).keys()]
/** 30 of class 0, 10 of class 1, 60 of class 2. */
const labels = Int32Array.from({ length: 100 }, (_, i) => (i < 30 ? 0 : i < 40 ? 1 : 2))
const countsOf = (indices: Iterable<number>): number[] => {
  const counts = [0, 0, 0]
  for (const index of indices) counts[labels[index]!]!++
  return counts
}

test('weights say how often a sample comes', () => {
  const often = weightedSampler([1, 0, 3, 6], { samples: 10_000 }).order(draw)
  const counts = [0, 1, 2, 3].map((index) => often.filter((each) => each === index).length)
  expect(counts[1]).toBe(0)
  // Four standard deviations are 200.
  for (const [i, expected] of [1000, 0, 3000, 6000].entries())
    expect(Math.abs(counts[i]! - expected)).toBeLessThan(200)
  const once = weightedSampler([1, 0, 3, 6, 1], { samples: 4, replacement: false })
  expect(sorted(once.order(draw))).toEqual([0, 2, 3, 4])
  // Drawn without replacement, the heaviest comes first in 6 of 11 epochs.
  const firsts = Array.from({ length: 2000 }, (_, epoch) => once.order({ seed: 1, epoch })[0])
  expect(Math.abs(firsts.filter((first) => first === 3).length / 2000 - 6 / 11)).toBeLessThan(0.045)
  const balanced = weightedSampler(balancedWeights(labels), { samples: 9000 }).order(draw)
  for (const count of countsOf(balanced)) expect(Math.abs(count - 3000)).toBeLessThan(200)
})

test('stratified: every batch has its share of each class, every sample comes once', () => {
  const sampler = stratifiedSampler(labels)
  const order = sampler.order(draw)
  expect(sorted(order)).toEqual(all(100))
  for (let start = 0; start < 100; start += 10) {
    const [a, b, c] = countsOf(order.subarray(start, start + 10)) as [number, number, number]
    expect([Math.abs(a - 3) <= 1, Math.abs(b - 1) <= 1, Math.abs(c - 6) <= 1]).toEqual([true, true, true])
  }
  expect(sampler.order({ seed: 3, epoch: 1 })).not.toEqual(order)
  expect(sampler.order(draw)).toEqual(order)
})

test('distributed: the processes share an epoch', () => {
  for (const sampler of [sequentialSampler(10), randomSampler(10)]) {
    const of = (dropLast: boolean): number[][] =>
      [0, 1, 2].map((rank) => [...distributedSampler(sampler, { rank, worldSize: 3, dropLast }).order(draw)])
    expect(of(true).map(({ length }) => length)).toEqual([3, 3, 3])
    expect(new Set(of(true).flat()).size).toBe(9)
    expect(of(false).map(({ length }) => length)).toEqual([4, 4, 4])
    expect(sorted(new Set(of(false).flat()))).toEqual(all(10))
  }
})

test('a sample that is drawn twice is another one each time', async () => {
  const noise = sampleDataset(
    { length: 2, get: (index) => index },
    {
      transform: (index, generator) => [index, generator.uniform()],
      collate: (samples: readonly number[][]) => ({ samples }),
    },
  )
  const loader = new DataLoader(noise, {
    batchSize: 3,
    sampler: weightedSampler([1, 1], { samples: 12 }),
    seed: 1,
  })
  const seen: number[][] = []
  for await (const { samples } of loader) seen.push(...samples)
  expect(seen).toHaveLength(12)
  expect(new Set(seen.map(([, value]) => value)).size).toBe(12)
})

test('a loader refuses what does not go together', () => {
  const data: Dataset<number> = { length: 3, gatherBatch: () => 0 }
  expect(() => new DataLoader(data, { batchSize: 1, prefetch: -1 })).toThrow(
    new ValueError('DataLoader: prefetch must be a count: -1'),
  )
  expect(() => new DataLoader(data, { batchSize: 1, shuffle: true, sampler: randomSampler(3) })).toThrow(
    new ValueError('DataLoader: a sampler says the order itself: shuffle: true'),
  )
  const errors: [() => unknown, string][] = [
    [() => weightedSampler([1, -1]), 'weightedSampler: weights must be from 0: -1 for sample 1'],
    [() => weightedSampler([0, 0]), 'weightedSampler: 2 samples of 0 with a weight above 0'],
    [
      () => weightedSampler([1, 0], { replacement: false }),
      'weightedSampler: 2 samples of 1 with a weight above 0',
    ],
    [
      () => distributedSampler(randomSampler(3), { rank: 2, worldSize: 2 }),
      'distributedSampler: rank must be an integer from 0 to 1: 2',
    ],
    [() => splitIndices(10, [0.9, 0.2]), 'splitIndices: fractions must be from 0 to 1 in all: [0.9,0.2]'],
    [
      () => splitIndices(10, [0.5], { stratify: [1, 2] }),
      'splitIndices: stratify needs a class for each of 10 samples: 2',
    ],
    [() => kFold(10, 1), 'kFold: folds must be an integer from 2 to 10: 1'],
  ]
  for (const [run, message] of errors) expect(run).toThrow(new ValueError(message))
})

test('batches made ahead are the same, and a failure comes in its turn', async () => {
  const data: Dataset<number[]> = {
    length: 9,
    async gatherBatch(indices) {
      // The later ones are ready first.
      await new Promise((resolve) => setTimeout(resolve, 10 - indices[0]!))
      if (indices.includes(7)) throw new RangeError('broken')
      return [...indices]
    },
  }
  const seen: number[][] = []
  const loader = new DataLoader(data, { batchSize: 2, prefetch: 10 })
  await expect(
    (async () => {
      for await (const batch of loader) seen.push(batch)
    })(),
  ).rejects.toThrow(new RangeError('broken'))
  expect(seen).toEqual([[0, 1], [2, 3], [4, 5]]) // prettier-ignore
})

test('splits have nothing in common and leave nothing out', () => {
  const parts = splitIndices(100, [0.7, 0.2, 0.1], { seed: 5 })
  expect(parts.map(({ length }) => length)).toEqual([70, 20, 10])
  expect(sorted(parts.flatMap((part) => [...part]))).toEqual(all(100))
  expect(splitIndices(100, [0.7, 0.2, 0.1], { seed: 5 })).toEqual(parts)
  expect(splitIndices(100, [0.7, 0.2, 0.1], { seed: 6 })).not.toEqual(parts)
  expect(splitIndices(7, [1 / 3, 1 / 3, 1 / 3]).map(({ length }) => length)).toEqual([2, 3, 2])
  const fair = splitIndices(100, [0.5, 0.5], { stratify: labels })
  expect(fair.map(countsOf)).toEqual([
    [15, 5, 30],
    [15, 5, 30],
  ])
})

test('each of the folds is put aside once', () => {
  const folds = kFold(23, 4)
  expect(sorted(folds.flatMap(({ validation }) => [...validation]))).toEqual(all(23))
  for (const { train, validation } of folds) {
    expect(sorted([...train, ...validation])).toEqual(all(23))
    expect([5, 6]).toContain(validation.length)
  }
  for (const { validation } of kFold(100, 10, { stratify: labels }))
    for (const [i, count] of countsOf(validation).entries())
      expect(Math.abs(count - [3, 1, 6][i]!)).toBeLessThanOrEqual(1)
})

test('a subset keeps what its data set can do', async () => {
  const samples = { length: 5, get: (index: number) => index * 10 }
  const some = subset(samples, [4, 2])
  expect([some.length, some.get(0), 'gatherBatch' in some]).toEqual([2, 40, false])
  expect(() => some.get(2)).toThrow(new IndexError('subset: there are 2 samples: 2'))
  const dataset = sampleDataset(samples, {
    transform: (value, generator) => value + generator.uniform(),
    collate: (values: readonly number[]) => ({
      x: { data: Float32Array.from(values), shape: [values.length] },
    }),
  })
  const of = async (
    from: Dataset<{ x: { data(): Promise<ArrayLike<number>> } }>,
    index: number,
  ): Promise<number> => (await (await from.gatherBatch(Int32Array.of(index), draw)).x.data())[0]!
  // The random numbers are those of the sample, wherever it lies.
  expect(await of(subset(dataset, [4, 2]), 1)).toBe(await of(dataset, 2))
})

const image = (value: number, size = 2) => ({
  width: size,
  height: 1,
  channels: 3 as const,
  data: Uint8Array.from({ length: 3 * size }, (_, i) => value + i),
})

test('samples are stacked: planes of floats, labels, masks; the rest in lists', async () => {
  const mask = { width: 2, height: 1, channels: 1 as const, data: Uint8Array.of(0, 255) }
  const stack = stackSamples<never>({ mean: [0, 0.1, 0.2], std: [1, 2, 4] }) as unknown as (
    ...parameters: unknown[]
  ) => Record<string, unknown>
  const batch = stack(
    [
      { image: image(0), label: 4, mask, boxes: Float32Array.of(1, 2, 3, 4), id: 'a' },
      { image: image(100), label: 7, mask, boxes: new Float32Array(0), id: 'b' },
    ],
    (size: number) => new Float32Array(size),
  )
  const value = (byte: number, c: number): number => Math.fround((byte / 255 - c / 10) / 2 ** c)
  expect(batch).toEqual({
    x: {
      data: Float32Array.from(
        [0, 100].flatMap((from) => [0, 3, 1, 4, 2, 5].map((i) => value(from + i, i % 3))),
      ),
      shape: [2, 3, 1, 2],
    },
    t: { data: Int32Array.of(4, 7), shape: [2] },
    mask: { data: Uint8Array.of(0, 255, 0, 255), shape: [2, 1, 2] },
    boxes: [Float32Array.of(1, 2, 3, 4), new Float32Array(0)],
    id: ['a', 'b'],
  })
})

test('stacking refuses what does not fit', async () => {
  const stacked = async (samples: readonly object[], options = {}): Promise<unknown> =>
    sampleDataset(
      { length: samples.length, get: (index) => samples[index] as never },
      { collate: stackSamples(options) },
    ).gatherBatch(Int32Array.from(samples.keys()))
  const errors: [Promise<unknown>, Error][] = [
    [
      stacked([{ image: image(0) }, { image: image(0, 3) }]),
      new ShapeError(
        'stackSamples: images differ: [3,1,2], and [3,1,3] for sample 1 of the batch: crop or resize them to one size',
      ),
    ],
    [
      stacked([{ image: image(0), label: 1 }, { image: image(0) }]),
      new ShapeError('stackSamples: labels differ: a class, and none for sample 1 of the batch'),
    ],
    [
      stacked([{ image: image(0) }], { mean: [0.5] }),
      new ShapeError('stackSamples: mean for 3 channels: [0.5]'),
    ],
    [stacked([]), new ValueError('stackSamples: no samples')],
  ]
  for (const [run, error] of errors) await expect(run).rejects.toThrow(error)
  expect(() => stackSamples({ std: [0, 1, 1] })).toThrow(
    new ValueError('stackSamples: std must be above 0: [0,1,1]'),
  )
  expect(imagenetStatistics.mean).toHaveLength(3)
})

test('arrays of planes are samples', () => {
  const data = Uint8Array.from({ length: 2 * 3 * 4 }, (_, i) => i)
  const dataset = arrayDataset({
    x: { data, shape: [2, 3, 2, 2] },
    t: { data: Int32Array.of(5, 6), shape: [2] },
  })
  const samples = imageSamples(dataset)
  expect([samples.length, samples.get(1)]).toEqual([
    2,
    {
      image: {
        width: 2,
        height: 2,
        channels: 3,
        data: Uint8Array.of(12, 16, 20, 13, 17, 21, 14, 18, 22, 15, 19, 23),
      },
      label: 6,
    },
  ])
  expect(() => samples.get(2)).toThrow(new IndexError('imageSamples: there are 2 samples: 2'))
  const floats = arrayDataset({
    x: { data: new Float32Array(2), shape: [2, 1, 1, 1] },
    t: { data: Int32Array.of(5, 6), shape: [2] },
  })
  expect(() => imageSamples(floats)).toThrow(
    new ShapeError('imageSamples: x must be bytes [N,C,H,W] of 1, 3 or 4 channels: Float32Array [2,1,1,1]'),
  )
})

test('a batch that was handed out does not change with the next, although arrays are used again', async () => {
  const dataset = sampleDataset(
    imageSamples(
      arrayDataset({
        x: { data: Uint8Array.of(0, 51, 102, 255), shape: [4, 1, 1, 1] },
        t: { data: Int32Array.of(0, 1, 2, 3), shape: [4] },
      }),
    ),
  )
  const seen = []
  for await (const { x, t } of new DataLoader(dataset, { batchSize: 2 })) seen.push(x, t)
  expect(await Promise.all(seen.map((each) => each.array()))).toEqual([
    [[[[0]]], [[[Math.fround(0.2)]]]], [0, 1], [[[[Math.fround(0.4)]]], [[[1]]]], [2, 3],
  ]) // prettier-ignore
})
