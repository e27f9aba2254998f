import { readBytes } from '@badak/formats'
import { FormatError, ValueError } from '@badak/tensor'
import { arrayDataset } from './array-dataset.ts'
import type { DatasetInfo } from './dataset-info.ts'
import type { ImageDataset, ImagesOptions } from './idx-images/idx-images.ts'
import { rowsOfColumns } from './published/columns.ts'
import { type FileTree, linesOf, openTree } from './published/file-tree.node.ts'

/** How `stl10` reads. */
export interface Stl10Options extends ImagesOptions {
  /** One of the ten parts, 0 to 9, of a thousand images of `train`, on which results are usually averaged; default all. */
  readonly fold?: number
}

const homepage = 'https://cs.stanford.edu/~acoates/stl10/'
const splits = ['train', 'test', 'unlabeled'] as const
const SIDE = 96
const PIXELS = 3 * SIDE * SIDE
// MD5 as torchvision publishes it.
const checksums = { 'stl10_binary.tar.gz': '91f7769df0f17e558f3565bffb0c7dfb' }

const info: DatasetInfo = {
  name: 'STL-10',
  classes: ['airplane', 'bird', 'car', 'cat', 'deer', 'dog', 'horse', 'monkey', 'ship', 'truck'],
  license: 'unknown: images of ImageNet, for research',
  homepage,
  splits,
  checksums,
}

/**
 * STL-10, photographs of animals and vehicles, in memory as bytes: 5,000 images to learn from, 8,000 to be tested on, and
 * 100,000 without labels, whose `t` is −1 and which take 2.8 GB, `[3, 96, 96]`.
 *
 * Looked for in `directory` (alone, if it is given: that of `train_X.bin`, or the one above `stl10_binary`), in `stl10` in the
 * cache directory, at the home page: then the archive of 2.6 GB is unpacked there.
 *
 * @throws ValueError when there is no such split or fold
 * @throws DataNotFoundError when the files are in none of these places
 * @throws DownloadError when they cannot be fetched
 * @throws FormatError when a file is broken
 * @see Coates, Lee & Ng 2011, "An analysis of single-layer networks in unsupervised feature learning"
 *
 * @example
 * ```ts
 * const train = await stl10('train', { fold: 0 })
 * ```
 */
export async function stl10(
  split: (typeof splits)[number],
  options: Stl10Options = {},
): Promise<ImageDataset> {
  const operation = 'stl10'
  const { fold } = options
  if (!splits.includes(split))
    throw new ValueError(`${operation}: a split is ${splits.join(', ')}: ${split as string}`)
  if (fold !== undefined && (split !== 'train' || !Number.isInteger(fold) || fold < 0 || fold > 9))
    throw new ValueError(`${operation}: a fold is 0 to 9, of train: ${fold} of ${split}`)
  const tree = await openTree(
    {
      operation,
      folder: 'stl10',
      bases: ['stl10_binary', ''],
      needs: [`${split}_X.bin`],
      archives: [
        {
          address: 'http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz',
          md5: checksums['stl10_binary.tar.gz'],
          maxBytes: 2 ** 32,
        },
      ],
      homepage,
    },
    options,
  )
  const { bytes, name } = await readBytes(tree.locate(`${split}_X.bin`), { operation })
  if (bytes.length === 0 || bytes.length % PIXELS !== 0)
    throw new FormatError(
      `${operation}: ${name}: ${bytes.length} bytes are no whole images of ${PIXELS} bytes`,
    )
  const count = bytes.length / PIXELS
  const t =
    split === 'unlabeled' ? new Int32Array(count).fill(-1) : await labelsOf(operation, tree, split, count)
  const chosen = fold === undefined ? undefined : await foldOf(operation, tree, fold, count)
  const images = chosen === undefined ? bytes : gather(bytes, chosen)
  const labels = chosen === undefined ? t : Int32Array.from(chosen, (i) => t[i]!)
  const scale = options.normalize === false ? 1 : 255
  const lookup = Float32Array.from({ length: 256 }, (_, pixel) => pixel / scale)
  const dataset = arrayDataset({
    x: { data: rowsOfColumns(images, SIDE), shape: [labels.length, 3, SIDE, SIDE], lookup },
    t: { data: labels, shape: [labels.length] },
  })
  return { ...dataset, info }
}

async function labelsOf(
  operation: string,
  tree: FileTree,
  split: string,
  count: number,
): Promise<Int32Array> {
  const { bytes, name } = await readBytes(tree.locate(`${split}_y.bin`), { operation })
  if (bytes.length !== count)
    throw new FormatError(`${operation}: ${name}: ${bytes.length} labels for ${count} images`)
  return Int32Array.from(bytes, (label, i) => {
    if (label < 1 || label > 10)
      throw new FormatError(`${operation}: ${name}: a label is from 1 to 10: ${label} (offset ${i})`)
    return label - 1
  })
}

/** Ten lines of a thousand positions each. */
async function foldOf(operation: string, tree: FileTree, fold: number, count: number): Promise<number[]> {
  const file = 'fold_indices.txt'
  const what = `${operation}: ${tree.locate(file)}`
  const [line] = linesOf(await tree.text(file))[fold] ?? []
  if (line === undefined) throw new FormatError(`${what}: there is no line ${fold + 1}`)
  return line.split(/\s+/).map((text) => {
    const index = Number(text)
    if (!Number.isInteger(index) || index < 0 || index >= count)
      throw new FormatError(`${what}: line ${fold + 1}: no position of ${count} images: ${text}`)
    return index
  })
}

function gather(images: Uint8Array, indices: readonly number[]): Uint8Array {
  const result = new Uint8Array(indices.length * PIXELS)
  for (const [to, from] of indices.entries())
    result.set(images.subarray(from * PIXELS, (from + 1) * PIXELS), to * PIXELS)
  return result
}
