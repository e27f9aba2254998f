import { Worker } from 'node:worker_threads'
import type { Image } from '@badak/images'
import { ShapeError, ValueError } from '@badak/tensor'
import { describe, expect, test, vi } from 'vitest'
import {
  channelStatistics,
  DataLoader,
  pennFudan,
  sampleDataset,
  SampleError,
  type Samples,
  verify,
  workerDataset,
} from '../../src/index.ts'
import { workplace } from './files.ts'
// tools/record-fixtures/datasets.py
import recorded from './recorded.json' with { type: 'json' }
import { pennFudanFiles } from './street-files.ts'
import { withBroken } from './with-broken.ts'

vi.setConfig({ testTimeout: 30_000 })
const { place } = workplace()

const report = [1, 4].map((index) => ({
  name: `sample ${index}`,
  reason: `${index}.jpg: Premature end of JPEG file`,
}))

describe('broken samples', () => {
  test('are errors', async () => {
    const error: unknown = await Promise.resolve(
      sampleDataset(withBroken).gatherBatch(Int32Array.of(0, 1)),
    ).catch((reason: unknown) => reason)
    expect(error).toEqual(new SampleError('sample 1: 1.jpg: Premature end of JPEG file', { index: 1 }))
  })

  test('are left out and reported once, in every epoch', async () => {
    const dataset = sampleDataset(withBroken, { onBroken: 'skip' })
    const loader = new DataLoader(dataset, { batchSize: 3 })
    for (let epoch = 0; epoch < 2; epoch++) {
      const labels: unknown[] = []
      for await (const { x, t } of loader) labels.push([x.shape[0], ...(await t.data())])
      expect(labels).toEqual([
        [2, 0, 2],
        [2, 3, 5],
      ])
    }
    expect([dataset.skipped!.count, dataset.skipped!.records]).toEqual([2, report])
    expect(dataset.skipped!.toString()).toBe(
      'skipped 2:\n  sample 1: 1.jpg: Premature end of JPEG file\n  sample 4: 4.jpg: Premature end of JPEG file',
    )
  })

  test('are an error when nothing is left', async () => {
    const dataset = sampleDataset(withBroken, { onBroken: 'skip' })
    await expect(dataset.gatherBatch(Int32Array.of(4))).rejects.toThrow(
      new SampleError('no sample of the batch is left, after sample 4: 4.jpg: Premature end of JPEG file', {
        index: 4,
      }),
    )
    expect(() => sampleDataset(withBroken, { onBroken: 'hide' as 'skip' })).toThrow(
      new ValueError("sampleDataset: onBroken is 'throw' or 'skip': hide"),
    )
  })

  test('are reported by workers, too', async () => {
    const execArgv = process.env['TEST_DIST']
      ? []
      : ['--conditions=@badak/source', '--disable-warning=ExperimentalWarning']
    const module = new URL('skipping-worker.ts', import.meta.url)
    const dataset = await workerDataset(() => new Worker(module, { execArgv }), { workers: 2 })
    try {
      for await (const _ of new DataLoader(dataset, { batchSize: 3 }));
      expect(dataset.skipped.records.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(report)
    } finally {
      dataset.release()
    }
  })
})

describe('verify', () => {
  const image: Image = { width: 4, height: 2, channels: 1, data: new Uint8Array(8) }
  const sources = [
    { image, label: 0 },
    { image, boxes: Float32Array.of(1, 1, 1, 2, 0, 0, 5, 2), labels: Int32Array.of(0, 2) },
    { image, mask: { ...image, data: Uint8Array.of(0, 1, 255, 7, 7, 9, 0, 0) } },
    { image, mask: { ...image, width: 2, height: 4 } },
    { image, keypoints: Float32Array.of(1, 1, 2, 9, 1, 2, 0, 0, 0) },
    { image, label: new Float32Array(3) },
  ]
  const samples = {
    length: sources.length + 1,
    classes: ['cat', 'dog'],
    get: (index: number) => sources[index] ?? fail(),
  }
  const fail = (): never => {
    throw new Error('6.png: cut off')
  }

  test('tells everything that is wrong', async () => {
    const findings = await verify(samples)
    expect(findings.map(({ index, kind, message }) => [index, kind, message])).toEqual([
      [1, 'label', 'there is no class 2 among 2'],
      [1, 'box', 'box 0 [1, 1, 1, 2] is empty'],
      [1, 'box', 'box 1 [0, 0, 5, 2] is outside the image, 4x2'],
      [2, 'mask', 'the mask has values beyond 2 classes: 7, 9'],
      [3, 'shape', "verify: the mask is no plane of the image's size: 2 x 4 x 1 for 4 x 2"],
      [4, 'keypoint', 'point 1 [9, 1] is outside the image, 4x2'],
      [5, 'label', '3 probabilities for 2 classes'],
      [6, 'broken', '6.png: cut off'],
    ])
    expect((await verify(samples, { classes: 10 })).some(({ kind }) => kind === 'mask')).toBe(false)
  })

  test('finds nothing where nothing is wrong', async () => {
    expect(await verify(await pennFudan({ directory: await place('penn', await pennFudanFiles()) }))).toEqual(
      [],
    )
  })
})

describe('channelStatistics', () => {
  test('are those of NumPy', async () => {
    let state = 7
    const draw = (): number => (state = (Math.imul(1664525, state) + 1013904223) >>> 0) >>> 24
    const images = [
      [4, 5],
      [3, 3],
      [6, 2],
    ].map(([height, width]): { readonly image: Image } => ({
      image: {
        width: width!,
        height: height!,
        channels: 3,
        data: Uint8Array.from({ length: height! * width! * 3 }, draw),
      },
    }))
    const { mean, std } = await channelStatistics({ length: 3, get: (index) => images[index]! })
    for (const [found, expected] of [
      [mean, recorded.statistics.mean],
      [std, recorded.statistics.std],
    ] as const)
      for (const [c, value] of found.entries()) expect(value).toBeCloseTo(expected[c]!, 14)
  })

  test('refuses what has none', async () => {
    const image = (channels: 1 | 3): Image => ({
      width: 1,
      height: 1,
      channels,
      data: new Uint8Array(channels),
    })
    const mixed: Samples<{ readonly image: Image }> = {
      length: 2,
      get: (index) => ({ image: image(index === 0 ? 3 : 1) }),
    }
    await expect(channelStatistics(mixed)).rejects.toThrow(
      new ShapeError('channelStatistics: sample 1 has 1 channels, those before 3'),
    )
    await expect(channelStatistics({ ...mixed, length: 0 })).rejects.toThrow(
      new ValueError('channelStatistics: there are no samples'),
    )
  })
})
