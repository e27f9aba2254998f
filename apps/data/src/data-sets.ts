import {
  cifar10,
  cifar100,
  digitSprites,
  fashionMnist,
  fashionSprites,
  imageFolder,
  type ImageDataset,
  type ImageSplit,
  type ImagesOptions,
  kmnist,
  mnist,
  scenes,
  type ScenesOptions,
  type ScenesSplit,
} from '@badak/datasets'
import type { Channels } from '@badak/images'
import type { DataSet, OpenDataSet, OpenOptions } from './data-set.ts'

const scenesSplits = ['train', 'validation', 'test', 'transfer']

/** Every data set that can be looked at. Another one is one more row. */
export const dataSets: readonly DataSet[] = [
  {
    name: 'scenes',
    about: 'composed of emoji: boxes, masks, captions',
    splits: scenesSplits,
    open: openScenes,
  },
  {
    name: 'scenes-digits',
    about: 'composed of the digits of MNIST',
    splits: scenesSplits,
    open: async (split, options) =>
      openScenes(split, options, digitSprites(await readFor(mnist, split, options))),
  },
  {
    name: 'scenes-fashion',
    about: 'composed of the items of Fashion-MNIST',
    splits: scenesSplits,
    open: async (split, options) =>
      openScenes(split, options, fashionSprites(await readFor(fashionMnist, split, options))),
  },
  { name: 'mnist', about: 'handwritten digits', ...images(mnist) },
  { name: 'fashion-mnist', about: 'items of fashion', ...images(fashionMnist) },
  { name: 'kmnist', about: 'cursive kana', ...images(kmnist) },
  { name: 'cifar10', about: 'small photographs of 10 classes', ...images(cifar10) },
  { name: 'cifar100', about: 'small photographs of 100 classes', ...images(cifar100) },
  {
    name: 'image-folder',
    about: 'a folder of images for each class: needs --data',
    splits: ['all'],
    open: (_, { directory = '.' }) => imageFolder(directory),
  },
]

type Reader = (split: ImageSplit, options: ImagesOptions) => Promise<ImageDataset>

/** Images that are in memory, one class each. */
function images(read: Reader): Pick<DataSet, 'splits' | 'open'> {
  return {
    splits: ['train', 'test'],
    open: async (split, options): Promise<OpenDataSet> => {
      const { fields, length, info } = await readFor(read, split, options)
      const [, channels, height, width] = fields.x.shape as [number, Channels, number, number]
      const planes = fields.x.data as Uint8Array
      return {
        length,
        classes: info.classes,
        get: (index) => {
          const data = interleaved(planes, index, channels, height * width)
          return { image: { width, height, channels, data }, label: fields.t.data[index]! }
        },
      }
    },
  }
}

/** Image `index` with the channels of a pixel side by side. */
function interleaved(planes: Uint8Array, index: number, channels: number, area: number): Uint8Array {
  const data = new Uint8Array(channels * area)
  for (let c = 0; c < channels; c++) {
    const plane = (index * channels + c) * area
    for (let pixel = 0; pixel < area; pixel++) data[pixel * channels + c] = planes[plane + pixel]!
  }
  return data
}

/** Sprites of scenes to learn from are those of the set's own train, all others those of its test. */
function readFor(read: Reader, split: string, { directory }: OpenOptions): Promise<ImageDataset> {
  return read(split === 'train' ? 'train' : 'test', directory === undefined ? {} : { directory })
}

async function openScenes(
  split: string,
  { seed, size }: OpenOptions,
  sprites?: ScenesOptions['sprites'],
): Promise<OpenDataSet> {
  const options = { seed, ...(size !== undefined && { size }), ...(sprites && { sprites }) }
  const data = await scenes(split as ScenesSplit, options)
  return {
    length: data.length,
    classes: data.classes,
    get: (index) => {
      const { captions, ...scene } = data.get(index)
      return { ...scene, caption: captions[0]! }
    },
  }
}
