import {
  digitSprites,
  fashionSprites,
  mnist,
  type MnistDataset,
  type MnistSplit,
  scenes,
  type ScenesOptions,
  type ScenesSplit,
} from '@badak/datasets'
import type { DataSet, OpenDataSet, OpenOptions } from './data-set.ts'

const digits = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']
const fashion = [
  'T-shirt',
  'trousers',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle boot',
]
const kana = ['お', 'き', 'す', 'つ', 'な', 'は', 'ま', 'や', 'れ', 'を']

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
    open: async (split, options) => openScenes(split, options, digitSprites(await openMnist(split, options))),
  },
  {
    name: 'scenes-fashion',
    about: 'composed of the items of Fashion-MNIST: needs --data',
    splits: scenesSplits,
    open: async (split, options) =>
      openScenes(split, options, fashionSprites(await openMnist(split, options))),
  },
  { name: 'mnist', about: 'handwritten digits', ...likeMnist(digits) },
  { name: 'fashion-mnist', about: 'items of fashion: needs --data', ...likeMnist(fashion) },
  { name: 'kmnist', about: 'cursive kana: needs --data', ...likeMnist(kana) },
]

/** Files in the layout of MNIST. */
function likeMnist(classes: readonly string[]): Pick<DataSet, 'splits' | 'open'> {
  return {
    splits: ['train', 'test'],
    open: async (split, options): Promise<OpenDataSet> => {
      const { fields, length } = await openMnist(split, options)
      const pixels = fields.x.data as Uint8Array
      const [height, width] = fields.x.shape.slice(2) as [number, number]
      const size = height * width
      return {
        length,
        classes,
        get: (index) => {
          const data = pixels.subarray(index * size, (index + 1) * size)
          return { image: { width, height, channels: 1, data }, label: fields.t.data[index]! }
        },
      }
    },
  }
}

/** Sprites to learn from are those of MNIST's own train, all others those of its test. */
function openMnist(split: string, { directory }: OpenOptions): Promise<MnistDataset> {
  const own: MnistSplit = split === 'train' ? 'train' : 'test'
  return mnist(own, directory === undefined ? {} : { directory })
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
