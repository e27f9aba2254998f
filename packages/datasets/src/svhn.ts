import { readBytes } from '@badak/formats'
import { FormatError, ValueError } from '@badak/tensor'
import { arrayDataset } from './array-dataset.ts'
import type { DatasetInfo } from './dataset-info.ts'
import { isLocal, placesOf } from './files.node.ts'
import type { ImageDataset, ImagesOptions } from './idx-images/idx-images.ts'
import { fetchPublished } from './idx-images/sources.ts'
import { decodeMat } from './mat/mat.ts'
import { rowsOfColumns } from './published/columns.ts'

// MD5 as torchvision publishes them.
const checksums = {
  'train_32x32.mat': 'e26dedcc434d2e4c54c9b2d4a06d8373',
  'test_32x32.mat': 'eb5a983be6a315427106f1b164d9cef3',
  'extra_32x32.mat': 'a93ce644f1a588dc4d68dda5feec44a7',
} as const
const mirrors = ['http://ufldl.stanford.edu/housenumbers/']
const splits = ['train', 'test', 'extra'] as const
const published = { operation: 'svhn', folder: 'svhn', mirrors }
/** `extra` has 1.6 GB of pixels. */
const MAX_BYTES = 2 ** 31
const SIDE = 32

const info: DatasetInfo = {
  name: 'SVHN',
  classes: Array.from('0123456789'),
  license: 'non-commercial use only',
  homepage: 'http://ufldl.stanford.edu/housenumbers/',
  splits,
  checksums,
}

/**
 * SVHN, the digits of house numbers, cut out of photographs, in memory as bytes: 73,257 images to learn from, 26,032 to be
 * tested on, 531,131 easier ones (`extra`), `[3, 32, 32]`. The files call the digit 0 `10`; here, class `t` is the digit.
 *
 * Looked for in `directory` (alone, if it is given), in `svhn` in the cache directory, at the home page.
 *
 * @throws ValueError when there is no such split
 * @throws DataNotFoundError when the file is in none of these places
 * @throws DownloadError when it cannot be fetched
 * @throws FormatError when it is broken
 * @see Netzer et al. 2011, "Reading digits in natural images with unsupervised feature learning"
 *
 * @example
 * ```ts
 * const train = await svhn('train')
 * ```
 */
export async function svhn(
  split: (typeof splits)[number],
  options: ImagesOptions = {},
): Promise<ImageDataset> {
  const { operation } = published
  if (!splits.includes(split))
    throw new ValueError(`${operation}: a split is ${splits.join(', ')}: ${split as string}`)
  const file = `${split}_32x32.mat` as const
  const { bytes, name } = await readBytes(await locate(file, options), { operation })
  const what = `${operation}: ${name}`
  const arrays = await decodeMat(bytes, what, MAX_BYTES)
  const [x, y] = [arrays.get('X'), arrays.get('y')]
  if (x === undefined || y === undefined)
    throw new FormatError(`${what}: expected the arrays X and y: ${[...arrays.keys()].join(', ') || 'none'}`)
  const [height, width, channels, count = 1] = x.shape
  if (!(x.data instanceof Uint8Array) || height !== SIDE || width !== SIDE || channels !== 3)
    throw new FormatError(`${what}: X is bytes [32,32,3,N]: [${x.shape}]`)
  if (y.data.length !== count) throw new FormatError(`${what}: ${y.data.length} labels for ${count} images`)
  const t = Int32Array.from(y.data, (label, i) => {
    if (!Number.isInteger(label) || label < 1 || label > 10)
      throw new FormatError(`${what}: a label is from 1 to 10: ${label} (image ${i})`)
    return label % 10
  })
  const scale = options.normalize === false ? 1 : 255
  const lookup = Float32Array.from({ length: 256 }, (_, pixel) => pixel / scale)
  const dataset = arrayDataset({
    x: { data: rowsOfColumns(x.data, SIDE), shape: [count, 3, SIDE, SIDE], lookup },
    t: { data: t, shape: [count] },
  })
  return { ...dataset, info }
}

async function locate(file: keyof typeof checksums, options: ImagesOptions): Promise<string | Blob> {
  const { directory } = options
  if (directory !== undefined && !isLocal(directory)) return directory.replace(/\/?$/, `/${file}`)
  const [path] = placesOf(published, [[file]], options) ?? []
  return path ?? (await fetchPublished(published, file, checksums[file], options)).source
}
