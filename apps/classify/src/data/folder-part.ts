import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Dataset,
  type FixedTransform,
  type ImageFolder,
  imageFolder,
  type LabelledImage,
  sampleDataset,
  type Samples,
  splitIndices,
  subset,
  type Transform,
} from '@badak/datasets'
import { composite, convert } from '@badak/images'
import type { Batch } from '@badak/training'
import { UsageError } from 'command-line/arguments'
import { squarePhoto } from '../prepare.ts'
import { photoAugmentation } from './augmentation.ts'

/** Which images of a folder, and what becomes of them: plain, so that it can be told to a worker. */
export interface FolderPart {
  readonly folder: string
  readonly part: 'train' | 'test'
  readonly size: number
  readonly channels: 1 | 3
  readonly augment: boolean
  readonly limit: number | undefined
}

/** The share of images that are kept for testing where a folder has no part for it. */
const TEST_SHARE = 0.2

const testNames = ['test', 'val', 'validation', 'valid'] as const

/** The images of a part, and the names of the classes. */
export async function openFolder(
  folder: string,
  part: FolderPart['part'],
): Promise<{ readonly classes: readonly string[]; readonly samples: Samples<LabelledImage> }> {
  if (!isFolder(folder))
    throw new UsageError(`--data: neither a data set that is known nor a folder: ${folder}`)
  const parts = partsOf(folder)
  if (parts) {
    const [images, train] = [await open(parts[part]), await open(parts.train)]
    if (images.classes.join('/') !== train.classes.join('/'))
      throw new UsageError(
        `--data: ${parts.test} has other classes than ${parts.train}: ${images.classes.join(', ')}`,
      )
    return { classes: images.classes, samples: images }
  }
  const images = await open(folder)
  const labels = images.files.map(({ label }) => label)
  const [train, test] = splitIndices(images.length, [1 - TEST_SHARE, TEST_SHARE], { stratify: labels })
  return {
    classes: images.classes,
    samples: subset<LabelledImage>(images, part === 'train' ? train! : test!),
  }
}

/** The batches of a part. */
export async function openPart({
  folder,
  part,
  size,
  channels,
  augment,
  limit,
}: FolderPart): Promise<Dataset<Batch>> {
  const { samples } = await openFolder(folder, part)
  // Transparent images lie on white, as when they are predicted.
  const seen: FixedTransform = (sample) => ({ ...sample, image: convert(composite(sample.image), channels) })
  const change: Transform = augment
    ? photoAugmentation(size)
    : (sample) => ({ ...sample, image: squarePhoto(sample.image, { height: size, width: size }).image })
  const chosen =
    limit === undefined || limit >= samples.length ? samples : subset(samples, spread(samples.length, limit))
  return sampleDataset(chosen, { transform: (sample, generator) => change(seen(sample), generator) })
}

/** So many of all: images lie class by class, the first would be of one class. */
function spread(length: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.floor((i * length) / count))
}

const open = (folder: string): Promise<ImageFolder> => imageFolder(folder, { channels: 'as stored' })

function partsOf(folder: string): { readonly train: string; readonly test: string } | undefined {
  const train = join(folder, 'train')
  const test = testNames.map((name) => join(folder, name)).find(isFolder)
  return isFolder(train) && test !== undefined ? { train, test } : undefined
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory()
}
