import { FormatError } from '@badak/tensor'
import { type SampleSource, sampleSource } from '../published/sample-source.ts'
import type { Sample } from '../augment/sample.ts'
import { type CocoOptions, type CocoSet, openCoco } from './open.ts'

/** An image and what people have said of it. */
export interface CaptionedSample extends Sample {
  readonly captions: readonly string[]
}

/**
 * COCO's captions, five or more sentences about each image: `annotations/captions_val2017.json`. Found as
 * `cocoDetection` is.
 *
 * @param set
 * @param options
 * @throws ValueError when there is no such split
 * @throws DataNotFoundError when the files are in none of the places
 * @throws FormatError naming the file and the annotation that is broken
 * @see Chen et al. 2015, "Microsoft COCO captions", arXiv:1504.00325
 *
 * @example
 * ```ts
 * const { image, captions } = await (await cocoCaptions('val2017', { directory: 'coco' })).get(0)
 * ```
 */
export async function cocoCaptions(
  set: CocoSet,
  options: CocoOptions = {},
): Promise<SampleSource<CaptionedSample & { readonly imageId: number }>> {
  const operation = 'cocoCaptions'
  const { file, what, info, load } = await openCoco(operation, set, 'captions', options)
  const records = file.images.map((image) => ({
    image,
    captions: file.annotations.get(image.id)!.map(({ id, caption }) => {
      if (typeof caption !== 'string' || caption.trim() === '')
        throw new FormatError(`${what}: annotation ${id}: there is no caption: ${JSON.stringify(caption)}`)
      return caption.trim()
    }),
  }))
  return sampleSource(
    operation,
    info,
    records,
    ({ image }) => image.file_name,
    async ({ image, captions }) => ({ image: await load(image), imageId: image.id, captions }),
  )
}
