import { isUnsafeName } from '@badak/formats'
import { FormatError, ValueError } from '@badak/tensor'
import { type FileTree, linesOf, openTree } from '../published/file-tree.node.ts'
import type { FilesOptions } from '../published/files-options.ts'

/** The years of the challenge whose annotations of all splits, or of all but the tests, are public. */
export type VocYear = 2007 | 2012

/** `test` is public of 2007 alone. */
export type VocSplit = 'train' | 'val' | 'trainval' | 'test'

/** The images of a split, and where everything about them is. */
export interface ImageSet {
  readonly tree: FileTree
  /** Such as `2007_000032`. */
  readonly ids: readonly string[]
}

interface Published {
  readonly folder: string
  readonly address: string
  readonly md5: string
}

const server = 'http://host.robots.ox.ac.uk/pascal/VOC'
// MD5 as torchvision publishes them.
const published: Readonly<Record<string, Published>> = {
  '2012': {
    folder: 'voc2012',
    address: `${server}/voc2012/VOCtrainval_11-May-2012.tar`,
    md5: '6cd6e144f989b92b3379bac3b3de84fd',
  },
  '2007': {
    folder: 'voc2007',
    address: `${server}/voc2007/VOCtrainval_06-Nov-2007.tar`,
    md5: 'c52e279531787c972589f7e41ab4ae64',
  },
  '2007 test': {
    folder: 'voc2007-test',
    address: `${server}/voc2007/VOCtest_06-Nov-2007.tar`,
    md5: 'b6e924de25625d8de591ea690078ad9f',
  },
}

/** Twice what the largest of them unpacks to. */
const MAX_BYTES = 2 ** 32

export const vocChecksums: Readonly<Record<string, string>> = Object.fromEntries(
  Object.values(published).map(({ address, md5 }) => [address.split('/').at(-1)!, md5]),
)

export function splitsOf(year: VocYear): readonly VocSplit[] {
  return year === 2007 ? ['train', 'val', 'trainval', 'test'] : ['train', 'val', 'trainval']
}

/** @throws ValueError when there is no such year, or no such split of it */
export async function openImageSet(
  operation: string,
  year: VocYear,
  split: VocSplit,
  list: 'Main' | 'Segmentation',
  options: FilesOptions,
): Promise<ImageSet> {
  if (year !== 2007 && year !== 2012)
    throw new ValueError(`${operation}: the year is 2007 or 2012: ${year as number}`)
  if (!splitsOf(year).includes(split))
    throw new ValueError(`${operation}: a split of ${year} is ${splitsOf(year).join(', ')}: ${split}`)
  const { folder, address, md5 } = published[year === 2007 && split === 'test' ? '2007 test' : `${year}`]!
  const file = `ImageSets/${list}/${split}.txt`
  const tree = await openTree(
    {
      operation,
      folder,
      bases: [`VOCdevkit/VOC${year}`, `VOC${year}`, ''],
      needs: [file],
      archives: [{ address, md5, maxBytes: MAX_BYTES }],
      homepage: homepageOf(year),
    },
    options,
  )
  return { tree, ids: idsOf(await tree.text(file), `${operation}: ${tree.locate(file)}`) }
}

export function homepageOf(year: VocYear): string {
  return `${server}/voc${year}/`
}

function idsOf(text: string, what: string): string[] {
  const seen = new Set<string>()
  for (const [id, line] of linesOf(text)) {
    if (isUnsafeName(id) || /\s/.test(id))
      throw new FormatError(`${what}: line ${line}: not the name of an image: ${JSON.stringify(id)}`)
    if (seen.has(id)) throw new FormatError(`${what}: line ${line}: ${id} is in it twice`)
    seen.add(id)
  }
  if (seen.size === 0) throw new FormatError(`${what}: there are no images in it`)
  return [...seen]
}
