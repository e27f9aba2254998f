// Batches from other threads, in Node and in browsers.
import { BadakError, isTensor, ValueError } from '@badak/tensor'
import { expect, test } from 'vitest'
import {
  DataLoader,
  type DataLoaderOptions,
  type Dataset,
  SampleError,
  workerDataset,
  type WorkerLike,
} from '../../src/index.ts'
import { type Batch, type Mode, problem, SAMPLES } from './problem.ts'

/** The numbers of a batch, sample by sample. */
async function plain(batch: unknown): Promise<unknown> {
  if (isTensor(batch)) return [batch.dtype, batch.shape, ...(await batch.data())]
  if (ArrayBuffer.isView(batch)) return [...(batch as Float32Array)]
  if (Array.isArray(batch)) return Promise.all(batch.map(plain))
  if (typeof batch !== 'object' || batch === null) return batch
  return Object.fromEntries(
    await Promise.all(Object.entries(batch).map(async ([name, part]) => [name, await plain(part)] as const)),
  )
}

async function epoch(loader: DataLoader<unknown>): Promise<unknown[]> {
  const batches: unknown[] = []
  for await (const batch of loader) batches.push(await plain(batch))
  return batches
}

/** Images, one after another, whatever the batches were. */
async function images(loader: DataLoader<unknown>): Promise<number[][]> {
  const all: number[][] = []
  for await (const batch of loader) {
    const { x } = batch as Batch
    const [rows] = x.shape as [number]
    const data = await x.data()
    for (let n = 0; n < rows; n++)
      all.push([...data.subarray((n * data.length) / rows, ((n + 1) * data.length) / rows)])
  }
  return all
}

export function workerSuite(create: () => WorkerLike): void {
  /** Counts the workers that were made, and those that were ended. */
  const counted = (): { made: number; ended: number; create: () => WorkerLike } => {
    const counts = {
      made: 0,
      ended: 0,
      create() {
        counts.made++
        const worker = create()
        const terminate = worker.terminate.bind(worker)
        worker.terminate = () => {
          counts.ended++
          return terminate()
        }
        return worker
      },
    }
    return counts
  }
  const remote = async (mode: Mode, workers: number, from = create): Promise<Dataset<unknown>> =>
    workerDataset(from, { workers, options: { mode } })
  const options: DataLoaderOptions = { batchSize: 4, shuffle: true, seed: 11 }

  test('the number of workers changes nothing', async () => {
    const expected = new DataLoader(problem('augment'), options)
    const [first, second] = [await epoch(expected), await epoch(expected)]
    expect(second).not.toEqual(first)
    for (const workers of [1, 3]) {
      const dataset = await remote('augment', workers)
      expect(dataset.length).toBe(SAMPLES)
      for (const prefetch of [undefined, 0, 1, 20]) {
        const loader = new DataLoader(dataset, { ...options, ...(prefetch !== undefined && { prefetch }) })
        expect([await epoch(loader), await epoch(loader)]).toEqual([first, second])
      }
      dataset.release!()
    }
  })

  test('a sample does not depend on the batch that it is in', async () => {
    const expected = await images(new DataLoader(problem('augment'), options))
    expect(expected).toHaveLength(SAMPLES)
    const dataset = await remote('augment', 2)
    for (const batchSize of [1, 7, 30])
      expect(await images(new DataLoader(dataset, { ...options, batchSize }))).toEqual(expected)
    dataset.release!()
  })

  test('a loader is restored in the middle of an epoch', async () => {
    const straight = new DataLoader(problem('augment'), options)
    const expected = [...(await epoch(straight)), ...(await epoch(straight))]
    const dataset = await remote('augment', 2)
    for (const stop of [1, 4]) {
      const before = new DataLoader(dataset, options)
      const seen: unknown[] = []
      for await (const batch of before) {
        seen.push(await plain(batch))
        if (seen.length === stop) break
      }
      const after = new DataLoader(dataset, { batchSize: 4, shuffle: true, seed: 0 })
      after.restore(JSON.parse(JSON.stringify(before.state())))
      expect([...seen, ...(await epoch(after)), ...(await epoch(after))]).toEqual(expected)
      after.close()
    }
  })

  test('break ends the workers, and so does close; the end of an epoch does not', async () => {
    const counts = counted()
    const loader = new DataLoader(await remote('augment', 2, counts.create), options)
    await epoch(loader)
    expect([counts.made, counts.ended]).toEqual([2, 0])
    for await (const _ of loader) break
    expect([counts.made, counts.ended]).toEqual([2, 2])
    await epoch(loader)
    expect([counts.made, counts.ended]).toEqual([4, 2])
    loader.close()
    expect([counts.made, counts.ended]).toEqual([4, 4])
  })

  test('no more batches are made than were asked for ahead', async () => {
    const dataset = await remote('augment', 2)
    let [asked, most, taken] = [0, 0, 0]
    const watched: Dataset<unknown> = {
      ...dataset,
      gatherBatch(indices, draw) {
        most = Math.max(most, ++asked - taken)
        return dataset.gatherBatch(indices, draw)
      },
    }
    for await (const _ of new DataLoader(watched, { batchSize: 1, prefetch: 3 })) {
      taken++
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    dataset.release!()
    // Three that are ready, and the one that was just handed out.
    expect([asked, taken, most]).toEqual([SAMPLES, SAMPLES, 4])
  })

  test('what fails says for which sample, after the batches before it', async () => {
    const counts = counted()
    const loader = new DataLoader(await remote('fail', 2, counts.create), { batchSize: 2 })
    const seen: unknown[] = []
    const failure = await (async () => {
      for await (const batch of loader) seen.push(batch)
    })().catch((error: unknown) => error)
    expect(seen).toHaveLength(3)
    expect(failure).toBeInstanceOf(SampleError)
    const { message, index, cause } = failure as SampleError
    expect([message, index]).toEqual(['sample 7: a broken image', 7])
    expect((cause as Error).stack).toContain('a broken image')
    expect([counts.made, counts.ended]).toEqual([2, 2])
  })

  test('a data set that cannot be opened is an error at once', async () => {
    const counts = counted()
    await expect(remote('closed', 2, counts.create)).rejects.toThrow(new BadakError('no such directory'))
    expect([counts.made, counts.ended]).toEqual([2, 2])
    await expect(remote('augment', 0)).rejects.toThrow(
      new ValueError('workerDataset: workers must be an integer from 1: 0'),
    )
  })

  test('batches of tensors come over, computed or not', async () => {
    const loader = new DataLoader(await remote('tensors', 2), { batchSize: 20 })
    const expected = await epoch(new DataLoader(problem('tensors'), { batchSize: 20 }))
    expect([await epoch(loader), await epoch(loader)]).toEqual([expected, expected])
    loader.close()
  })

  test('a worker makes one batch after another, the samples of a batch together', async () => {
    const loader = new DataLoader(await remote('slow', 1), { batchSize: 4, prefetch: 3, dropLast: true })
    expect(await epoch(loader)).toEqual(Array.from({ length: 5 }, () => ({ most: 4 })))
    loader.close()
  })

  test('arrays are used again', async () => {
    const dataset = await remote('arrays', 1)
    const used: boolean[] = []
    for await (const batch of new DataLoader(dataset, { batchSize: 4, prefetch: 0 }))
      used.push((batch as { used: boolean }).used)
    expect(used).toEqual([false, true, true, true, true, true])
    dataset.release!()
  })
}
