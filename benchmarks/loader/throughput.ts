// Images a second from files to batches, with the work in this thread and in others.
import { Worker } from 'node:worker_threads'
import { DataLoader, imagenetStatistics, sampleGenerator, stackSamples, workerDataset } from '@badak/datasets'
import { decodeImage, encodeJPEG } from '@badak/images'
import type { Tensor } from '@badak/tensor'
import { median } from '../side-by-side/timing.ts'
import { augmentation, type PhotoOptions, photoSamples } from './photo-samples.ts'
import { photo } from './photos.ts'

interface Batch {
  readonly x: Tensor
  readonly t: Tensor
}

const BATCH = 32

async function loaderOf(options: PhotoOptions, workers: number): Promise<DataLoader<Batch>> {
  const create = (): Worker => new Worker(new URL('photo-worker.ts', import.meta.url))
  const dataset =
    workers === 0 ? await photoSamples(options) : await workerDataset<Batch>(create, { workers, options })
  return new DataLoader<Batch>(dataset, { batchSize: BATCH, shuffle: true, seed: 1 })
}

async function epoch(loader: DataLoader<Batch>): Promise<number> {
  const start = performance.now()
  let images = 0
  for await (const { x, t } of loader) {
    images += x.shape[0]!
    x.dispose()
    t.dispose()
  }
  return (1000 * images) / (performance.now() - start)
}

/** The median rate of some epochs for each number of workers, in turns. The first one of each is not counted. */
export async function imageRates(options: PhotoOptions, rounds: number): Promise<Map<number, number>> {
  const loaders = new Map<number, DataLoader<Batch>>()
  const rates = new Map<number, number[]>()
  try {
    for (const workers of [0, 1, 2]) loaders.set(workers, await loaderOf(options, workers))
    for (let round = -1; round < rounds; round++) {
      for (const [workers, loader] of loaders) {
        const rate = await epoch(loader)
        if (round >= 0) rates.set(workers, [...(rates.get(workers) ?? []), rate])
      }
    }
  } finally {
    for (const loader of loaders.values()) loader.close()
  }
  return new Map([...rates].map(([workers, each]) => [workers, median(each)]))
}

/** Milliseconds of one image in each stage, in this thread. */
export async function stageTimes(): Promise<Map<string, number>> {
  const files = await Promise.all(
    Array.from({ length: 16 }, (_, i) => encodeJPEG(photo(i), { quality: 75, progressive: false })),
  )
  const images = await Promise.all(files.map((bytes) => decodeImage(bytes)))
  const [plain, jittered] = [augmentation(false), augmentation(true)]
  const generator = (i: number) => sampleGenerator(1, 0, i)
  const small = images.map((image, i) => ({ image: plain({ image }, generator(i)).image, label: 0 }))
  const stack = stackSamples(imagenetStatistics)
  const room = new Float32Array(16 * 3 * 224 * 224)
  const stages: Readonly<Record<string, () => unknown>> = {
    'decode a JPEG of 500×375': async () => {
      for (const bytes of files) await decodeImage(bytes)
    },
    'random resized crop to 224×224, flip': () =>
      images.forEach((image, i) => plain({ image }, generator(i))),
    'the same and a jitter of colours': () => images.forEach((image, i) => jittered({ image }, generator(i))),
    'stack and normalise': () => stack(small, () => room),
  }
  const times = new Map<string, number>()
  for (const [name, stage] of Object.entries(stages)) {
    const each: number[] = []
    for (let round = 0; round < 30; round++) {
      const start = performance.now()
      await stage()
      if (round >= 8) each.push((performance.now() - start) / 16)
    }
    times.set(name, median(each))
  }
  return times
}
