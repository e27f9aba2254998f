import { FormatError, ValueError } from '@badak/tensor'
import { arrayDataset } from '../array-dataset.ts'
import type { DatasetInfo } from '../dataset-info.ts'
import { isLocal, openFile, placesOf } from '../files.node.ts'
import { type ByteSource, concatenate, openBytes } from '../idx/byte-source.ts'
import type { ImageDataset, ImagesOptions, ImageSplit } from '../idx-images/idx-images.ts'
import { fetchPublished } from '../idx-images/sources.ts'
import { cifar100Classes, cifar100Superclasses, cifar10Classes } from './classes.ts'
import { readTar } from '../archives/tar.ts'

/** How `cifar100` reads. */
export interface Cifar100Options extends ImagesOptions {
  /** Whether `t` is one of 100 classes (default) or one of 20 superclasses. */
  readonly labels?: 'fine' | 'coarse'
}

/** A published version for C programs: records of labels and pixels. */
interface Cifar {
  readonly operation: string
  readonly folder: string
  readonly info: DatasetInfo
  readonly archive: string
  /** The folder in the archive. */
  readonly unpacked: string
  readonly md5: string
  readonly files: Readonly<Record<ImageSplit, readonly string[]>>
  /** Before the pixels of each image: a byte for each of these, how many classes it tells apart. */
  readonly labels: readonly number[]
  /** Which of the labels is `t`. */
  readonly label: number
}

const mirrors = ['https://www.cs.toronto.edu/~kriz/']
const PIXELS = 3 * 32 * 32
/** Far more than the largest file has. */
const MAX_BYTES = 2 ** 29
const license = 'unknown: free for research, with citation'

const cifar10Published: Cifar = {
  operation: 'cifar10',
  folder: 'cifar10',
  info: {
    name: 'CIFAR-10',
    classes: cifar10Classes,
    license,
    homepage: 'https://www.cs.toronto.edu/~kriz/cifar.html',
  },
  archive: 'cifar-10-binary.tar.gz',
  unpacked: 'cifar-10-batches-bin',
  // As its authors publish it.
  md5: 'c32a1d4ab5d03f1284b67883e8d87530',
  files: {
    train: [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`),
    test: ['test_batch.bin'],
  },
  labels: [10],
  label: 0,
}

const cifar100Published: Cifar = {
  operation: 'cifar100',
  folder: 'cifar100',
  info: {
    name: 'CIFAR-100',
    classes: cifar100Classes,
    license,
    homepage: 'https://www.cs.toronto.edu/~kriz/cifar.html',
  },
  archive: 'cifar-100-binary.tar.gz',
  unpacked: 'cifar-100-binary',
  // As its authors publish it.
  md5: '03b5dce01913d631647c71ecec9e9cb8',
  files: { train: ['train.bin'], test: ['test.bin'] },
  labels: [20, 100],
  label: 1,
}

/**
 * CIFAR-10, small photographs of animals and vehicles, in memory as bytes: 50,000 images to learn from, 10,000 to be
 * tested on, `[3, 32, 32]`.
 *
 * Looked for in `directory` (alone, if it is given), in `cifar10` in the cache directory, at the home page: the files of
 * the binary version, in the archive or unpacked.
 *
 * @throws DataNotFoundError when the files are in none of these places
 * @throws DownloadError when they cannot be fetched
 * @throws FormatError when a file is broken
 * @see Krizhevsky 2009, "Learning multiple layers of features from tiny images"
 *
 * @example
 * ```ts
 * const train = await cifar10('train')
 * console.log(train.info.classes[3]) // cat
 * ```
 */
export async function cifar10(split: ImageSplit, options: ImagesOptions = {}): Promise<ImageDataset> {
  return read(cifar10Published, split, options)
}

/**
 * CIFAR-100, small photographs of 100 classes, which belong to 20 superclasses: 50,000 images to learn from, 10,000 to
 * be tested on, `[3, 32, 32]`. Found as `cifar10` is, in `cifar100`.
 *
 * @throws ValueError when `labels` is neither fine nor coarse
 * @throws DataNotFoundError when the files are in none of the places
 * @throws DownloadError when they cannot be fetched
 * @throws FormatError when a file is broken
 * @see Krizhevsky 2009, "Learning multiple layers of features from tiny images"
 *
 * @example
 * ```ts
 * const train = await cifar100('train', { labels: 'coarse' })
 * ```
 */
export async function cifar100(split: ImageSplit, options: Cifar100Options = {}): Promise<ImageDataset> {
  const { labels = 'fine' } = options
  if (labels !== 'fine' && labels !== 'coarse')
    throw new ValueError(`cifar100: labels are 'fine' or 'coarse': ${labels}`)
  if (labels === 'fine') return read(cifar100Published, split, options)
  const info = { ...cifar100Published.info, classes: cifar100Superclasses }
  return read({ ...cifar100Published, label: 0, info }, split, options)
}

async function read(published: Cifar, split: ImageSplit, options: ImagesOptions): Promise<ImageDataset> {
  const { operation, files, info, labels, label } = published
  if (!Object.hasOwn(files, split))
    throw new ValueError(`${operation}: the split is 'train' or 'test': ${split}`)
  const contents = await provide(published, files[split], options)
  const record = labels.length + PIXELS
  const count = contents.reduce((sum, [, bytes]) => sum + bytes.length / record, 0)
  const [data, t] = [new Uint8Array(count * PIXELS), new Int32Array(count)]
  let image = 0
  for (const [file, bytes] of contents) {
    for (let at = 0; at < bytes.length; at += record, image++) {
      for (const [i, classes] of labels.entries()) {
        if (bytes[at + i]! >= classes)
          throw new FormatError(
            `${operation}: ${file}: a label is from 0 to ${classes - 1}: ${bytes[at + i]} (offset ${at + i})`,
          )
      }
      t[image] = bytes[at + label]!
      data.set(bytes.subarray(at + labels.length, at + record), image * PIXELS)
    }
  }
  const scale = options.normalize === false ? 1 : 255
  const lookup = Float32Array.from({ length: 256 }, (_, pixel) => pixel / scale)
  const dataset = arrayDataset({
    x: { data, shape: [count, 3, 32, 32], lookup },
    t: { data: t, shape: [count] },
  })
  return { ...dataset, info }
}

type Contents = readonly (readonly [file: string, bytes: Uint8Array])[]

/** The files of a split, each of whole records. */
async function provide(
  published: Cifar,
  names: readonly string[],
  options: ImagesOptions,
): Promise<Contents> {
  const { operation, archive, unpacked, md5 } = published
  const { directory } = options
  const source =
    directory !== undefined && !isLocal(directory)
      ? await openBytes(directory.replace(/\/?$/, `/${archive}`), operation)
      : await findLocal(published, names, options)
  if (Array.isArray(source)) return check(published, source as Contents)
  const tar = source ?? (await fetchArchive())
  const found = await readTar(tar as ByteSource, new Set(names), { operation, maxBytes: MAX_BYTES })
  return check(
    published,
    names.map((name) => [`${archive}: ${unpacked}/${name}`, found.get(name)!]),
  )

  async function fetchArchive(): Promise<ByteSource> {
    const fetched = await fetchPublished({ ...published, mirrors }, archive, md5, options)
    const opened = await openBytes(fetched.source, operation)
    return { ...opened, place: archive }
  }
}

/** The files themselves, beside each other or in the folder of the archive; or the archive; undefined if neither. */
async function findLocal(
  published: Cifar,
  names: readonly string[],
  options: ImagesOptions,
): Promise<Contents | ByteSource | undefined> {
  const { operation, archive, unpacked } = published
  const quiet = { ...options, download: true }
  const attempt = (files: readonly (readonly string[])[]): string[] | undefined => {
    try {
      return placesOf(published, files, quiet)
    } catch {
      return undefined
    }
  }
  const paths = attempt(names.map((name) => [name, `${unpacked}/${name}`]))
  if (paths) {
    const read = async (path: string): Promise<Uint8Array> => {
      const { size, chunks } = await openFile(path, operation)
      if (size! > MAX_BYTES)
        throw new FormatError(`${operation}: ${path}: ${size} bytes; at most ${MAX_BYTES} are read`)
      const parts: Uint8Array[] = []
      for await (const part of chunks) parts.push(part)
      return concatenate(parts)
    }
    return Promise.all(paths.map(async (path) => [path, await read(path)] as const))
  }
  // This one tells where it was not found.
  const [path] = placesOf(published, [[archive]], options) ?? []
  return path === undefined ? undefined : openFile(path, operation)
}

function check({ operation, labels }: Cifar, contents: Contents): Contents {
  const record = labels.length + PIXELS
  for (const [file, { length }] of contents) {
    if (length === 0 || length % record !== 0)
      throw new FormatError(`${operation}: ${file}: ${length} bytes are no whole images of ${record} bytes`)
  }
  return contents
}
