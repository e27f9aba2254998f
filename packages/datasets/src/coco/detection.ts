import { type CocoObjectOptions, type CocoSample, type CocoSource, objectSource } from './object-source.ts'
import { type CocoSet, openCoco } from './open.ts'

/**
 * COCO, photographs of everyday scenes whose objects of 80 classes have boxes and masks: 118,287 to learn from and 5,000
 * to be tested on (2017); or any data set in its format. The classes are those of the file, in the order of their ids.
 *
 * Boxes are edges in pixels, from the top left corner. Images are in the order of the file, masks those of pycocotools.
 *
 * Looked for in `directory` (a directory, or an address that serves it), or in `coco` in the cache directory:
 * `annotations/instances_val2017.json` and `val2017/`, as the archives at the home page have them. They are not fetched:
 * those of 2017 have 20 GB.
 *
 * @param set a split, or where the files are below the directory: `{ annotations: 'boxes.json', images: 'images' }`
 * @param options
 * @throws ValueError when there is no such split
 * @throws DataNotFoundError when the files are in none of these places
 * @throws FormatError naming the file and the annotation that is broken; when a sample is asked for, image or mask
 * @see Lin et al. 2014, "Microsoft COCO: common objects in context", arXiv:1405.0312
 *
 * @example
 * ```ts
 * const val = await cocoDetection('val2017', { directory: 'coco', masks: true, onBroken: 'skip' })
 * const { image, boxes, labels, instances } = await val.get(0)
 * ```
 */
export async function cocoDetection(
  set: CocoSet,
  options: CocoObjectOptions = {},
): Promise<CocoSource<CocoSample>> {
  const operation = 'cocoDetection'
  return objectSource(operation, await openCoco(operation, set, 'instances', options), options)
}
