import {
  type IdxImages,
  type ImageDataset,
  type ImagesOptions,
  type ImageSplit,
  readIdxImages,
} from './idx-images.ts'
import { mnistFiles } from './mnist.ts'

const published: IdxImages = {
  operation: 'fashionMnist',
  folder: 'fashion-mnist',
  info: {
    name: 'Fashion-MNIST',
    classes: [
      'T-shirt/top',
      'Trouser',
      'Pullover',
      'Dress',
      'Coat',
      'Sandal',
      'Shirt',
      'Sneaker',
      'Bag',
      'Ankle boot',
    ],
    license: 'MIT',
    homepage: 'https://github.com/zalandoresearch/fashion-mnist',
  },
  files: mnistFiles,
  mirrors: ['http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/'],
  // As its authors publish them.
  md5: {
    'train-images-idx3-ubyte': '8d4fb7e6c68d591d4c3dfef9ec88bf0d',
    'train-labels-idx1-ubyte': '25c81989df183df01b3e8a0aad5dffbe',
    't10k-images-idx3-ubyte': 'bef4ecab320f06d8554ea6380940ec79',
    't10k-labels-idx1-ubyte': 'bb300cfdad3c16e7a12a480ee83cd310',
  },
  // Of Debian's package dataset-fashion-mnist.
  places: () => ['/usr/share/datasets/fashion-mnist'],
}

/**
 * Fashion-MNIST, Zalando's pictures of clothes, in memory as one byte per pixel: 60,000 images to learn from, 10,000 to
 * be tested on, `[1, 28, 28]`.
 *
 * Looked for in this order: `directory` (alone, if it is given), `fashion-mnist` in the cache directory, Debian's package
 * `dataset-fashion-mnist` where it is installed, the public mirror. Files may be gzipped.
 *
 * @throws DataNotFoundError when the files are in none of these places
 * @throws DownloadError when no mirror delivers them
 * @throws FormatError when a file is not what its header says
 * @see Xiao, Rasul & Vollgraf 2017, arXiv:1708.07747
 *
 * @example
 * ```ts
 * const train = await fashionMnist('train')
 * console.log(train.info.classes[9]) // Ankle boot
 * ```
 */
export async function fashionMnist(split: ImageSplit, options: ImagesOptions = {}): Promise<ImageDataset> {
  return readIdxImages(published, split, options)
}
