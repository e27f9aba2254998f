import { FormatError, ValueError } from '@badak/tensor'
import { type ArrayDataset, arrayDataset, type ArrayField } from '../array-dataset.ts'
import type { DatasetInfo } from '../dataset-info.ts'
import { type IdxArray, readIdxFrom } from '../idx/idx.ts'
import { provide } from './sources.ts'
import type { DownloadProgress } from '@badak/formats'

/** Images to learn from, or to be tested on. */
export type ImageSplit = 'train' | 'test'

/** Where a data set of images finds its files, and what it makes of their pixels. */
export interface ImagesOptions {
  /** Read the files from here and nowhere else: a directory (Node) or an address that serves them. */
  readonly directory?: string
  /**
   * Where downloads are kept. In Node a directory, default: `$BADAK_DATA`, otherwise the platform's cache directory; in
   * browsers a folder of the private file system, default `badak`.
   */
  readonly cache?: string
  /** Whether what is not on this machine may be fetched; default true. */
  readonly download?: boolean
  /** Pixels from 0 to 1 (default) rather than from 0 to 255. */
  readonly normalize?: boolean
  /** Addresses that serve the published files; default: the public ones. */
  readonly mirrors?: readonly string[]
  /** Called as a download goes on. */
  readonly onProgress?: (progress: DownloadProgress) => void
}

/** Batches of `x`: float32 `[B, C, H, W]`, and `t`: int32 `[B]`, the classes. */
export type ImageDataset = ArrayDataset<{ readonly x: ArrayField; readonly t: ArrayField }> & {
  readonly info: DatasetInfo
}

/** A published data set in the layout of MNIST: a file of images and one of labels for each split. */
export interface IdxImages {
  /** The public function, which errors name; also the folder in the cache. */
  readonly operation: string
  readonly folder: string
  readonly info: DatasetInfo
  readonly files: Readonly<Record<ImageSplit, { readonly images: string; readonly labels: string }>>
  /** Addresses that serve `<name>.gz`, or the archive, in the order in which they are tried. */
  readonly mirrors: readonly string[]
  /** MD5 of each `.gz`; with an archive, of that. */
  readonly md5: Readonly<Record<string, string>>
  /** A zip archive with all `.gz` files, where they are not published one by one. */
  readonly archive?: string
  /** Other directories of this machine where the files may be. */
  readonly places?: () => readonly string[]
  /** The npm package that has the files, for the error that says where they were not found. */
  readonly package?: string
  /** The label of the first class; default 0. */
  readonly firstLabel?: number
  /** Whether images are stored column by column. */
  readonly transposed?: boolean
}

/** Reads one split of a data set in the layout of MNIST. */
export async function readIdxImages(
  published: IdxImages,
  split: ImageSplit,
  options: ImagesOptions,
): Promise<ImageDataset> {
  const { operation, info, files, transposed = false } = published
  if (!Object.hasOwn(files, split))
    throw new ValueError(`${operation}: the split is 'train' or 'test': ${split}`)
  const { images: imagesFile, labels: labelsFile } = files[split]
  const sources = await provide(published, split, options)
  const [images, labels] = await Promise.all([
    readIdxFrom(sources.images, { operation, file: imagesFile, items: 'images' }),
    readIdxFrom(sources.labels, { operation, file: labelsFile, items: 'labels' }),
  ])
  checkImages(images, `${operation}: ${imagesFile}: `, sources.images.place)
  const t = classesOf(published, labels, images, `${operation}: ${labelsFile}: `, sources.labels.place)
  const scale = options.normalize === false ? 1 : 255
  const [count, height, width] = images.shape as [number, number, number]
  if (transposed) transpose(images.data as Uint8Array, height, width)
  const dataset = arrayDataset({
    x: {
      data: images.data,
      shape: [count, 1, height, width],
      lookup: Float32Array.from({ length: 256 }, (_, pixel) => pixel / scale),
    },
    t: { data: t, shape: [count] },
  })
  return { ...dataset, info }
}

function checkImages({ shape, dtype }: IdxArray, start: string, place: string): void {
  if (shape.length !== 3 || dtype !== 'uint8')
    throw new FormatError(`${start}expected bytes [N,H,W]: ${dtype} [${shape}] (offset 2 of ${place})`)
}

function classesOf(
  { info, firstLabel = 0 }: IdxImages,
  { shape, dtype, data }: IdxArray,
  images: IdxArray,
  start: string,
  place: string,
): Int32Array {
  if (shape.length !== 1 || dtype !== 'uint8')
    throw new FormatError(`${start}expected bytes [N]: ${dtype} [${shape}] (offset 2 of ${place})`)
  if (shape[0] !== images.shape[0])
    throw new FormatError(`${start}${shape[0]} labels for ${images.shape[0]} images (offset 4 of ${place})`)
  const last = firstLabel + info.classes.length - 1
  const wrong = data.findIndex((label) => label < firstLabel || label > last)
  if (wrong >= 0)
    throw new FormatError(
      `${start}a label is from ${firstLabel} to ${last}: ${data[wrong]} (offset ${8 + wrong} of ${place})`,
    )
  return Int32Array.from(data, (label) => label - firstLabel)
}

/** In place: the images are square. */
function transpose(data: Uint8Array, height: number, width: number): void {
  for (let start = 0; start < data.length; start += height * width) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < y; x++) {
        const [here, there] = [start + y * width + x, start + x * width + y]
        const value = data[here]!
        data[here] = data[there]!
        data[there] = value
      }
    }
  }
}
