import type { Image } from '@badak/images'
import { FormatError } from '@badak/tensor'
import type { Sample } from '../augment/sample.ts'
import type { FilesOptions } from '../published/files-options.ts'
import { instancesOf } from '../published/instances.ts'
import {
  checkLabels,
  loadMask,
  loadPhotograph,
  type SampleSource,
  sampleSource,
} from '../published/sample-source.ts'
import { vocClasses } from './classes.ts'
import { vocInfo } from './info.ts'
import { openImageSet, type VocSplit, type VocYear } from './sets.ts'

/** An image of Pascal VOC and the class of each pixel. */
export interface VocSegmentationSample extends Sample {
  /** 0 is the background, 1 to 20 are the classes, 255 the border of objects, which counts for nothing. */
  readonly mask: Image
}

/** How `vocSegmentation` reads. */
export interface VocSegmentationOptions extends FilesOptions {
  /** Whether samples have `instances`, `boxes` and `labels` (0 to 19, as those of `vocDetection`) too; default false. */
  readonly instances?: boolean
}

/** The border of objects. */
const BORDER = 255

/**
 * Pascal VOC, photographs whose pixels belong to one of 20 classes or to the background: 422 of 2007 to learn from and 210
 * to be tested on, 2,913 of 2012. The mask of a sample has the indices of the palette: 0 for the background, 1 to 20, and
 * 255 for borders.
 *
 * @param year
 * @param split
 * @param options those of `vocDetection`, which is found in the same places
 * @throws ValueError when there is no such split
 * @throws DataNotFoundError when the files are in none of the places
 * @throws DownloadError when they cannot be fetched
 * @throws FormatError (when a sample is asked for) naming the file that is broken
 * @see Everingham et al. 2010, "The Pascal Visual Object Classes (VOC) challenge"
 *
 * @example
 * ```ts
 * const train = await vocSegmentation(2012, 'train')
 * const { image, mask } = await train.get(0)
 * ```
 */
export async function vocSegmentation(
  year: VocYear,
  split: VocSplit,
  options: VocSegmentationOptions = {},
): Promise<SampleSource<VocSegmentationSample>> {
  const operation = 'vocSegmentation'
  const { tree, ids } = await openImageSet(operation, year, split, 'Segmentation', options)
  const info = vocInfo(year, true)
  const read = async (id: string): Promise<VocSegmentationSample> => {
    const image = await loadPhotograph(tree.locate(`JPEGImages/${id}.jpg`), options)
    const place = tree.locate(`SegmentationClass/${id}.png`)
    const mask = await loadMask(operation, place, image, options)
    checkLabels(operation, place, mask, info.classes.length, BORDER)
    if (!options.instances) return { image, mask }
    const objectPlace = tree.locate(`SegmentationObject/${id}.png`)
    const map = await loadMask(operation, objectPlace, image, options)
    return { image, mask, ...objectsOf(map, mask, `${operation}: ${objectPlace}`) }
  }
  return sampleSource(operation, info, ids, (id) => id, read)
}

function objectsOf(
  map: Image,
  mask: Image,
  what: string,
): Required<Pick<Sample, 'boxes' | 'labels' | 'instances'>> {
  const found = instancesOf(map, BORDER)
  const labels = found.map(({ id, mask: instance }) => {
    const pixel = instance.data.findIndex((inside, i) => inside === 1 && mask.data[i] !== BORDER)
    const label = mask.data[pixel] ?? 0
    if (label < 1 || label > vocClasses.length)
      throw new FormatError(`${what}: object ${id} lies where the mask has no class`)
    return label - 1
  })
  return {
    boxes: Float32Array.from(found.flatMap(({ box }) => [...box])),
    labels: Int32Array.from(labels),
    instances: found.map(({ mask: instance }) => instance),
  }
}
