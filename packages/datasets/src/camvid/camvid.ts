import type { Image } from '@badak/images'
import { isUnsafeName } from '@badak/formats'
import { FormatError, ValueError } from '@badak/tensor'
import type { Sample } from '../augment/sample.ts'
import { DataNotFoundError } from '../dataset-errors.ts'
import type { DatasetInfo } from '../dataset-info.ts'
import { type FileTree, linesOf, openTree } from '../published/file-tree.node.ts'
import type { FilesOptions } from '../published/files-options.ts'
import { type Pair, type PairedFolders, pairsOf } from '../published/pairs.ts'
import {
  checkLabels,
  checkSize,
  loadMask,
  loadPhotograph,
  type SampleSource,
  sampleSource,
} from '../published/sample-source.ts'
import { camvidColors, camvidGroups } from './classes.ts'

/** A frame from a moving car and the class of each pixel. */
export interface CamVidSample extends Sample {
  /** Of 11 classes, 255 where there is none; or of 32, one of which is `Void`. */
  readonly mask: Image
}

/** How `camvid` reads. */
export interface CamVidOptions extends Omit<FilesOptions, 'download' | 'mirrors' | 'onProgress'> {
  /** The classes on which results are reported (11, default), or those of the annotators (32). */
  readonly classes?: 11 | 32
}

/** Where nobody says what is seen. */
const VOID = 255
const splits = ['train', 'val', 'test'] as const
const homepage = 'http://mi.eng.cam.ac.uk/research/projects/VideoRec/CamVid/'

/**
 * CamVid, frames of 960×720 (or half of it) from a car in Cambridge, every pixel of which has a class: 701, of which
 * 367, 101 and 233 are usually to learn from, to choose by, and to be tested on.
 *
 * Looked for in `directory`, or in `camvid` in the cache directory, in one of the layouts in which it goes around:
 * - `train/` and `train_labels/` (`val`, `test`): masks in colours, `0001TP_006690_L.png` for `0001TP_006690.png`;
 * - `701_StillsRaw_full/`, `LabeledApproved_full/` as at the home page, with the names of a split in `train.txt`;
 * - `train/` and `trainannot/`: masks of the 11 classes and 11 for none, as SegNet has them.
 *
 * @throws ValueError when there is no such split, or no such number of classes
 * @throws DataNotFoundError when the files are in none of the places, or 32 classes are asked of masks that have 11
 * @throws FormatError when an image lacks its mask; when a sample is asked for, naming the file that is broken
 * @see Brostow, Fauqueur & Cipolla 2009, "Semantic object classes in video"
 *
 * @example
 * ```ts
 * const train = await camvid('train', { directory: 'CamVid' })
 * const { image, mask } = await train.get(0)
 * ```
 */
export async function camvid(
  split: (typeof splits)[number],
  options: CamVidOptions = {},
): Promise<SampleSource<CamVidSample>> {
  const operation = 'camvid'
  const { classes = 11 } = options
  if (!splits.includes(split))
    throw new ValueError(`${operation}: a split is ${splits.join(', ')}: ${split as string}`)
  if (classes !== 11 && classes !== 32)
    throw new ValueError(`${operation}: there are 11 or 32 classes: ${classes as number}`)
  const { tree, pairs, inColors } = await open(operation, split, options)
  if (!inColors && classes === 32)
    throw new DataNotFoundError(
      `${operation}: ${tree.locate(`${split}annot`)}: these masks have 11 classes, not 32`,
    )
  const labels = labelsByColor(classes)
  const read = async (pair: Pair): Promise<CamVidSample> => {
    const image = await loadPhotograph(tree.locate(pair.image), options)
    const place = tree.locate(pair.mask)
    const mask = inColors
      ? labelsOf(operation, place, await loadPhotograph(place, options), labels)
      : await loadIndices(operation, place, image, options)
    checkSize(operation, place, mask, image)
    return { image, mask }
  }
  return sampleSource(operation, infoOf(classes), pairs, ({ name }) => name, read)
}

interface Opened {
  readonly tree: FileTree
  readonly pairs: readonly Pair[]
  readonly inColors: boolean
}

async function open(operation: string, split: string, options: CamVidOptions): Promise<Opened> {
  const layouts = [
    { folders: { images: split, masks: `${split}_labels`, suffix: '_L' }, inColors: true },
    { folders: { images: split, masks: `${split}annot`, suffix: '' }, inColors: false },
    {
      folders: { images: '701_StillsRaw_full', masks: 'LabeledApproved_full', suffix: '_L' },
      inColors: true,
      list: `${split}.txt`,
    },
  ]
  const found = async ({ folders, inColors, list }: (typeof layouts)[number]): Promise<Opened> => {
    const { images, masks } = folders
    const needs = [images, masks, ...(list === undefined ? [] : [list])]
    const tree = await openTree(
      { operation, folder: 'camvid', bases: ['', 'CamVid'], needs, archives: [], homepage },
      options,
    )
    const pairs = await (list === undefined
      ? pairsOf(operation, tree, folders)
      : listedPairs(operation, tree, folders, list))
    return { tree, pairs, inColors }
  }
  let missing: unknown
  for (const layout of layouts) {
    try {
      return await found(layout)
    } catch (error) {
      if (!(error instanceof DataNotFoundError)) throw error
      missing ??= error
    }
  }
  throw missing
}

async function listedPairs(
  operation: string,
  tree: FileTree,
  { images, masks, suffix }: PairedFolders,
  list: string,
): Promise<Pair[]> {
  return linesOf(await tree.text(list)).map(([line, number]) => {
    const name = line.replace(/\.png$/, '')
    if (isUnsafeName(name))
      throw new FormatError(
        `${operation}: ${tree.locate(list)}: line ${number}: not the name of an image: ${line}`,
      )
    return { name, image: `${images}/${name}.png`, mask: `${masks}/${name}${suffix}.png` }
  })
}

async function loadIndices(
  operation: string,
  place: string,
  image: Image,
  options: CamVidOptions,
): Promise<Image> {
  const mask = await loadMask(operation, place, image, options)
  checkLabels(operation, place, mask, 12)
  return { ...mask, data: mask.data.map((label) => (label === 11 ? VOID : label)) }
}

const keyOf = (red: number, green: number, blue: number): number => (red << 16) | (green << 8) | blue

function labelsByColor(classes: 11 | 32): ReadonlyMap<number, number> {
  const names = Object.keys(camvidColors)
  const groups = Object.values(camvidGroups)
  const labelOf = (name: string, i: number): number => {
    const group = groups.findIndex((members) => members.includes(name))
    return classes === 32 ? i : group < 0 ? VOID : group
  }
  return new Map(names.map((name, i) => [keyOf(...camvidColors[name]!), labelOf(name, i)]))
}

function labelsOf(
  operation: string,
  place: string,
  { width, height, data }: Image,
  labels: ReadonlyMap<number, number>,
): Image {
  const mask = new Uint8Array(width * height)
  for (let i = 0, from = 0; i < mask.length; i++, from += 3) {
    const color = [data[from]!, data[from + 1]!, data[from + 2]!] as const
    const label = labels.get(keyOf(...color))
    if (label === undefined)
      throw new FormatError(
        `${operation}: ${place}: no class has the colour ${color.join(',')} (at ${i % width},${Math.floor(i / width)})`,
      )
    mask[i] = label
  }
  return { width, height, channels: 1, data: mask }
}

function infoOf(classes: 11 | 32): DatasetInfo {
  const groups = Object.values(camvidGroups)
  return {
    name: 'CamVid',
    classes: Object.keys(classes === 11 ? camvidGroups : camvidColors),
    license: 'unknown: free for research, with citation',
    homepage,
    colors: classes === 11 ? groups.map(([first]) => camvidColors[first!]!) : Object.values(camvidColors),
    splits,
  }
}
