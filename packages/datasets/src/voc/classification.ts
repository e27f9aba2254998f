import { FormatError } from '@badak/tensor'
import type { Sample } from '../augment/sample.ts'
import { type FileTree, linesOf } from '../published/file-tree.node.ts'
import type { FilesOptions } from '../published/files-options.ts'
import { loadPhotograph, type SampleSource, sampleSource } from '../published/sample-source.ts'
import { vocClasses } from './classes.ts'
import { vocInfo } from './info.ts'
import { openImageSet, type VocSplit, type VocYear } from './sets.ts'

/** An image of Pascal VOC and the classes that are seen in it. */
export interface VocClassificationSample extends Sample {
  /** `[20]`: 1 for each class of which there is an object, 0 for the others. */
  readonly label: Float32Array
  /** `[20]`: 1 for each class of which there are difficult objects alone. The challenge does not count them. */
  readonly difficult: Uint8Array
}

/**
 * Pascal VOC, photographs with the classes that are seen in them, several of 20 in each: for losses that judge every class
 * by itself.
 *
 * @param year
 * @param split
 * @param options those of `vocDetection`, which is found in the same places
 * @throws ValueError when there is no such split
 * @throws DataNotFoundError when the files are in none of the places
 * @throws DownloadError when they cannot be fetched
 * @throws FormatError naming the file that is broken
 * @see Everingham et al. 2010, "The Pascal Visual Object Classes (VOC) challenge"
 *
 * @example
 * ```ts
 * const train = await vocClassification(2007, 'trainval')
 * const { image, label } = await train.get(0)
 * ```
 */
export async function vocClassification(
  year: VocYear,
  split: VocSplit,
  options: FilesOptions = {},
): Promise<SampleSource<VocClassificationSample>> {
  const operation = 'vocClassification'
  const { tree, ids } = await openImageSet(operation, year, split, 'Main', options)
  const columns = await Promise.all(
    vocClasses.map((name) => readColumn(operation, tree, `ImageSets/Main/${name}_${split}.txt`, ids)),
  )
  const records = ids.map((id, i) => ({ id, values: columns.map((column) => column[i]!) }))
  return sampleSource(
    operation,
    vocInfo(year),
    records,
    ({ id }) => id,
    async ({ id, values }) => ({
      image: await loadPhotograph(tree.locate(`JPEGImages/${id}.jpg`), options),
      label: Float32Array.from(values, (value) => (value === 1 ? 1 : 0)),
      difficult: Uint8Array.from(values, (value) => (value === 0 ? 1 : 0)),
    }),
  )
}

/** Lines such as `000005 -1`: 1 is seen, 0 difficult, −1 not seen. */
async function readColumn(
  operation: string,
  tree: FileTree,
  file: string,
  ids: readonly string[],
): Promise<number[]> {
  const what = `${operation}: ${tree.locate(file)}`
  const values = new Map<string, number>()
  for (const [line, number] of linesOf(await tree.text(file))) {
    const [id, value, ...more] = line.split(/\s+/)
    if (!['1', '0', '-1'].includes(value ?? '') || more.length > 0)
      throw new FormatError(
        `${what}: line ${number}: expected a name and 1, 0 or -1: ${JSON.stringify(line)}`,
      )
    values.set(id!, Number(value))
  }
  return ids.map((id) => values.get(id) ?? fail(`${what}: it does not have ${id}`))
}

function fail(message: string): never {
  throw new FormatError(message)
}
