import { type DecodeImageOptions, type Image, loadImage, loadLabelMap } from '@badak/images'
import { FormatError, IndexError } from '@badak/tensor'
import type { DatasetInfo } from '../dataset-info.ts'
import type { Samples } from '../loader/sample-dataset.ts'

/** The samples of a data set, decoded when they are asked for, for `sampleDataset`. */
export interface SampleSource<S> extends Samples<S> {
  readonly info: DatasetInfo
  /** What sample `index` is called, by its authors or by its file. */
  name(index: number): string
}

/** A source of one sample for each record. */
export function sampleSource<Entry, S>(
  operation: string,
  info: DatasetInfo,
  records: readonly Entry[],
  nameOf: (record: Entry) => string,
  read: (record: Entry) => Promise<S>,
): SampleSource<S> {
  const recordAt = (index: number): Entry => {
    const record = records[index]
    if (record === undefined)
      throw new IndexError(`${operation}: there are ${records.length} samples: ${index}`)
    return record
  }
  return {
    info,
    length: records.length,
    name: (index) => nameOf(recordAt(index)),
    get: async (index) => read(recordAt(index)),
  }
}

/**
 * The picture of a sample, as it is stored: boxes and masks are of that, whatever EXIF says of the way up, and Pillow has
 * it so.
 */
export function loadPhotograph(
  place: string,
  { maxPixels }: Pick<DecodeImageOptions, 'maxPixels'>,
): Promise<Image> {
  return loadImage(place, { channels: 3, orient: false, ...(maxPixels !== undefined && { maxPixels }) })
}

/** The label map of an image. @throws FormatError when it is of another size */
export async function loadMask(
  operation: string,
  place: string,
  image: Image,
  { maxPixels }: Pick<DecodeImageOptions, 'maxPixels'>,
): Promise<Image> {
  const mask = await loadLabelMap(place, maxPixels === undefined ? {} : { maxPixels })
  checkSize(operation, place, mask, image)
  return mask
}

/** @throws FormatError when a mask is not of the size of its image */
export function checkSize(operation: string, place: string, mask: Image, image: Image): void {
  if (mask.width === image.width && mask.height === image.height) return
  throw new FormatError(
    `${operation}: ${place}: the mask is ${mask.width}x${mask.height}, its image ${image.width}x${image.height}`,
  )
}

/** @throws FormatError, with the place of the first one, when a mask has another label than 0 to `count` − 1 and `border` */
export function checkLabels(
  operation: string,
  place: string,
  mask: Image,
  count: number,
  border?: number,
): void {
  const at = mask.data.findIndex((label) => label >= count && label !== border)
  if (at < 0) return
  const also = border === undefined ? '' : `, or ${border}`
  throw new FormatError(
    `${operation}: ${place}: a label is from 0 to ${count - 1}${also}: ${mask.data[at]} ` +
      `(at ${at % mask.width},${Math.floor(at / mask.width)})`,
  )
}
