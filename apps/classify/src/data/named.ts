import {
  cifar10,
  type Dataset,
  fashionMnist,
  type ImageDataset,
  type ImagesOptions,
  type ImageSplit,
  mnist,
} from '@badak/datasets'
import type { Batch } from '@badak/training'
import { announceDownloads } from 'command-line/announce-downloads'
import { UsageError } from 'command-line/arguments'
import { limited } from 'command-line/limited'
import { augmentDigits, augmentObjects } from './augmentation.ts'
import type { Source, SourceOptions } from './source.ts'

/** A published data set. */
interface Published extends Pick<Source, 'normalisation' | 'preparation'> {
  readonly read: (split: ImageSplit, options: ImagesOptions) => Promise<ImageDataset>
  readonly augment: (images: ImageDataset) => Dataset<Batch>
}

// Means and deviations are those of the training images.
const published = {
  mnist: {
    read: mnist,
    normalisation: { mean: [0.1307], std: [0.3081] },
    preparation: 'digit',
    augment: augmentDigits,
  },
  'fashion-mnist': {
    read: fashionMnist,
    normalisation: { mean: [0.286], std: [0.353] },
    preparation: 'garment',
    augment: (images) => augmentObjects(images, 2),
  },
  cifar10: {
    read: cifar10,
    normalisation: { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] },
    preparation: 'photo',
    augment: (images) => augmentObjects(images, 4),
  },
} as const satisfies Record<string, Published>

export type DataName = keyof typeof published

/** The data sets that are known by name. */
export const dataNames = Object.keys(published) as readonly DataName[]

/** @throws UsageError for options that are for folders */
export async function namedSource(
  name: DataName,
  { directory, limit, size, grey, augment, announce }: SourceOptions,
): Promise<Source> {
  const { read, augment: change, normalisation, preparation }: Published = published[name]
  const options = { ...(directory !== undefined && { directory }), onProgress: announceDownloads(announce) }
  const [train, test] = [await read('train', options), await read('test', options)]
  const [, channels, height, width] = train.fields.x.shape as [number, 1 | 3, number, number]
  if (size !== undefined && size !== height)
    throw new UsageError(`--size: the images of ${name} have ${height} pixels a side: leave the option out`)
  if (grey && channels === 3) throw new UsageError(`--grey: is for folders of images, not for ${name}`)
  return {
    title: train.info.name,
    classes: train.info.classes,
    input: { channels, height, width },
    normalisation,
    preparation,
    train: limited(augment ? change(train) : train, limit),
    test: limited(test, limit),
  }
}
