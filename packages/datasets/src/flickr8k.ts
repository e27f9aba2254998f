import { isUnsafeName } from '@badak/formats'
import { FormatError, ValueError } from '@badak/tensor'
import type { CaptionedSample } from './coco/captions.ts'
import type { DatasetInfo } from './dataset-info.ts'
import { DataNotFoundError } from './dataset-errors.ts'
import { type FileTree, linesOf, openTree } from './published/file-tree.node.ts'
import type { FilesOptions } from './published/files-options.ts'
import { loadPhotograph, type SampleSource, sampleSource } from './published/sample-source.ts'

const homepage = 'https://hockenmaier.cs.illinois.edu/8k-pictures.html'
const lists = { train: 'trainImages', val: 'devImages', test: 'testImages' } as const

const info: DatasetInfo = {
  name: 'Flickr8k',
  classes: [],
  license: 'photographs of Flickr, under its terms of use; for research',
  homepage,
  splits: Object.keys(lists),
}

/** As published, with its slip of the pen, and as it has been passed on. */
const imageFolders = ['Flicker8k_Dataset', 'Flickr8k_Dataset', 'Images']

/**
 * Flickr8k, photographs of people and animals, five sentences about each: 6,000 to learn from, 1,000 to choose by, 1,000 to
 * be tested on.
 *
 * Looked for in `directory`, or in `flickr8k` in the cache directory: `Flickr8k.token.txt` and the lists
 * `Flickr_8k.trainImages.txt`, `…devImages…`, `…testImages…` beside `Flicker8k_Dataset/`, as the two archives have them. They
 * are given out on request alone.
 *
 * @throws ValueError when there is no such split
 * @throws DataNotFoundError when the files are in none of these places
 * @throws FormatError when a list is broken, or an image has no captions; when a sample is asked for, naming the image
 * @see Hodosh, Young & Hockenmaier 2013, "Framing image description as a ranking task"
 *
 * @example
 * ```ts
 * const train = await flickr8k('train', { directory: 'flickr8k' })
 * const { image, captions } = await train.get(0)
 * ```
 */
export async function flickr8k(
  split: keyof typeof lists,
  options: Omit<FilesOptions, 'download' | 'mirrors' | 'onProgress'> = {},
): Promise<SampleSource<CaptionedSample>> {
  const operation = 'flickr8k'
  if (!Object.hasOwn(lists, split))
    throw new ValueError(`${operation}: a split is ${Object.keys(lists).join(', ')}: ${split as string}`)
  const list = `Flickr_8k.${lists[split]}.txt`
  const token = 'Flickr8k.token.txt'
  const tree = await openTree(
    {
      operation,
      folder: 'flickr8k',
      bases: ['', 'Flickr8k_text'],
      needs: [list, token],
      archives: [],
      homepage,
    },
    options,
  )
  const captions = parseCaptions(await tree.text(token), `${operation}: ${tree.locate(token)}`)
  const what = `${operation}: ${tree.locate(list)}`
  const records = linesOf(await tree.text(list)).map(([name, line]) => {
    const sentences = captions.get(name)
    if (isUnsafeName(name) || sentences === undefined)
      throw new FormatError(`${what}: line ${line}: there are no captions for ${JSON.stringify(name)}`)
    return { name, captions: sentences }
  })
  if (records.length === 0) throw new FormatError(`${what}: there are no images in it`)
  const folder = imageFolderOf(operation, tree)
  return sampleSource(
    operation,
    info,
    records,
    ({ name }) => name,
    async (record) => ({
      image: await loadPhotograph(tree.locate(`${folder}/${record.name}`), options),
      captions: record.captions,
    }),
  )
}

function imageFolderOf(operation: string, tree: FileTree): string {
  const found = imageFolders.flatMap((name) => [name, `../${name}`]).find((name) => tree.has(name))
  if (found !== undefined) return found
  throw new DataNotFoundError(
    `${operation}: ${tree.place}: there is no ${imageFolders.join(', ')} in it or beside it`,
  )
}

/** Lines such as `1000268201_693b08cb0e.jpg#0⇥A child in a pink dress .` */
function parseCaptions(text: string, what: string): Map<string, string[]> {
  const captions = new Map<string, string[]>()
  for (const [line, number] of linesOf(text)) {
    const [, name, caption] = /^([^\t#]+)#\d+\t(.+)$/.exec(line) ?? []
    if (name === undefined || caption === undefined)
      throw new FormatError(
        `${what}: line ${number}: expected a name, # and a number, a tab, a caption: ${JSON.stringify(line)}`,
      )
    captions.set(name, [...(captions.get(name) ?? []), caption.trim()])
  }
  return captions
}
