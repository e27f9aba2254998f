import { availableParallelism } from 'node:os'
import { basename, resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type Dataset, workerDataset } from '@badak/datasets'
import { imagenetNormalisation } from '@badak/models'
import type { Batch } from '@badak/training'
import { UsageError } from 'command-line/arguments'
import { openFolder, type FolderPart } from './folder-part.ts'
import type { Source, SourceOptions } from './source.ts'

/** Threads that decode; the others train. */
const WORKERS = Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2)))

/** A folder with a folder of images for each class, or with such folders in `train` and `test`. */
export async function folderSource(
  folder: string,
  { size = 224, limit, grey, augment }: SourceOptions,
): Promise<Source> {
  const { classes, samples } = await openFolder(folder, 'test')
  if (classes.length < 2)
    throw new UsageError(`--data: nothing to tell apart in ${folder}: its only class is ${classes.join()}`)
  if (samples.length === 0)
    throw new UsageError(
      `--data: no image of ${folder} is left to test on: a fifth of each class is kept for it`,
    )
  const channels = grey ? 1 : 3
  const part = (which: FolderPart['part'], change: boolean): Promise<Dataset<Batch>> =>
    workerDataset<Batch>(() => new Worker(new URL('./folder-worker.ts', import.meta.url)), {
      workers: WORKERS,
      options: { folder, part: which, size, channels, augment: change, limit } satisfies FolderPart,
    })
  const { mean, std } = imagenetNormalisation
  // Of the three colours, where images are grey.
  const normalisation = grey ? { mean: [0.449], std: [0.226] } : { mean, std }
  return {
    title: basename(resolve(folder)),
    classes,
    input: { channels, height: size, width: size },
    normalisation,
    preparation: 'photo',
    train: await part('train', augment),
    test: await part('test', false),
  }
}
