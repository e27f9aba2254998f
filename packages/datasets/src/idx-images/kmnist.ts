import {
  type IdxImages,
  type ImageDataset,
  type ImagesOptions,
  type ImageSplit,
  readIdxImages,
} from './idx-images.ts'
import { mnistFiles } from './mnist.ts'

const published: IdxImages = {
  operation: 'kmnist',
  folder: 'kmnist',
  info: {
    name: 'Kuzushiji-MNIST',
    classes: ['o', 'ki', 'su', 'tsu', 'na', 'ha', 'ma', 'ya', 're', 'wo'],
    license: 'CC BY-SA 4.0',
    homepage: 'https://github.com/rois-codh/kmnist',
  },
  files: mnistFiles,
  mirrors: ['http://codh.rois.ac.jp/kmnist/dataset/kmnist/'],
  // As torchvision publishes them.
  md5: {
    'train-images-idx3-ubyte': 'bdb82020997e1d708af4cf47b453dcf7',
    'train-labels-idx1-ubyte': 'e144d726b3acfaa3e44228e80efcd344',
    't10k-images-idx3-ubyte': '5c965bf0a639b31b8f53240b1b52f4d7',
    't10k-labels-idx1-ubyte': '7320c461ea6c1c855c0b718fb2a4b134',
  },
}

/**
 * Kuzushiji-MNIST, cursive Japanese letters from old books, in memory as one byte per pixel: 60,000 images to learn from,
 * 10,000 to be tested on, `[1, 28, 28]`.
 *
 * Looked for in `directory` (alone, if it is given), in `kmnist` in the cache directory, at the public mirror.
 *
 * @throws DataNotFoundError when the files are in none of these places
 * @throws DownloadError when no mirror delivers them
 * @throws FormatError when a file is not what its header says
 * @see Clanuwat et al. 2018, "Deep learning for classical Japanese literature", arXiv:1812.01718
 *
 * @example
 * ```ts
 * const train = await kmnist('train')
 * ```
 */
export async function kmnist(split: ImageSplit, options: ImagesOptions = {}): Promise<ImageDataset> {
  return readIdxImages(published, split, options)
}
