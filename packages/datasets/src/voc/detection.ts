import type { Sample } from '../augment/sample.ts'
import { attemptWith, type BrokenOptions } from '../broken/policy.ts'
import { SkipReport } from '../broken/skip-report.ts'
import type { FilesOptions } from '../published/files-options.ts'
import { loadPhotograph, type SampleSource, sampleSource } from '../published/sample-source.ts'
import { FormatError } from '@badak/tensor'
import { parseAnnotation, type VocObject } from './annotation.ts'
import { vocInfo } from './info.ts'
import { openImageSet, type VocSplit, type VocYear } from './sets.ts'

/** An image of Pascal VOC and its objects. */
export interface VocDetectionSample extends Sample {
  readonly boxes: Float32Array
  readonly labels: Int32Array
  readonly objects: readonly VocObject[]
}

/** How `vocDetection` reads. With `onBroken: 'skip'`, objects that are broken are left out of their images. */
export interface VocDetectionOptions extends FilesOptions, BrokenOptions {}

/**
 * Pascal VOC, photographs in which the objects of 20 classes have boxes: some 5,000 of 2007 to learn from and 5,000 to be
 * tested on, 11,540 of 2012. A sample has `boxes`, `labels` from 0, and `objects`, which say what is difficult,
 * truncated or occluded.
 *
 * Boxes are edges in pixels, from the top left corner of the image; the files count pixels from 1: `[xmin − 1, ymin − 1,
 * xmax, ymax]`.
 *
 * Looked for in `directory` (alone, if it is given: that of `ImageSets`, or one above; or an address that serves it), in
 * `voc2007`, `voc2007-test` and `voc2012` in the cache directory, at the home page: then the archive is unpacked there.
 *
 * @throws ValueError when there is no such split
 * @throws DataNotFoundError when the files are in none of these places
 * @throws DownloadError when they cannot be fetched
 * @throws FormatError (when a sample is asked for) naming the file that is broken, and the object
 * @see Everingham et al. 2010, "The Pascal Visual Object Classes (VOC) challenge"
 *
 * @example
 * ```ts
 * const train = await vocDetection(2007, 'trainval')
 * const { image, boxes, labels } = await train.get(0)
 * ```
 */
export async function vocDetection(
  year: VocYear,
  split: VocSplit,
  options: VocDetectionOptions = {},
): Promise<SampleSource<VocDetectionSample> & { readonly skipped: SkipReport }> {
  const operation = 'vocDetection'
  const skipped = new SkipReport()
  const attempt = attemptWith(operation, options.onBroken, skipped)
  const { tree, ids } = await openImageSet(operation, year, split, 'Main', options)
  const read = async (id: string): Promise<VocDetectionSample> => {
    const file = `Annotations/${id}.xml`
    const what = `${operation}: ${tree.locate(file)}`
    const text = await tree.text(file)
    const { width, height, ...fields } = await parseAnnotation(text, what, attempt)
    const image = await loadPhotograph(tree.locate(`JPEGImages/${id}.jpg`), options)
    if (width !== image.width || height !== image.height)
      throw new FormatError(
        `${what}: it is for an image of ${width}x${height}, the image is ${image.width}x${image.height}`,
      )
    return { image, ...fields }
  }
  return { ...sampleSource(operation, vocInfo(year), ids, (id) => id, read), skipped }
}
