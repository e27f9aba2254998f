import { FormatError, ValueError } from '@badak/tensor'
import type { DatasetInfo } from '../dataset-info.ts'
import { type FileTree, openTree } from '../published/file-tree.node.ts'
import type { FilesOptions } from '../published/files-options.ts'
import { loadPhotograph } from '../published/sample-source.ts'
import type { Image } from '@badak/images'
import { type CocoFile, type CocoImage, parseAnnotations } from './annotations.ts'

/** A published split, such as `'val2017'`; or a file of annotations and the folder of its images, in the directory. */
export type CocoSet =
  | 'train2014'
  | 'val2014'
  | 'train2017'
  | 'val2017'
  | { readonly annotations: string; readonly images: string }

/** Where the files are: `directory` has `annotations/` and a folder of images for each split. */
export type CocoOptions = Omit<FilesOptions, 'download' | 'mirrors' | 'onProgress'>

/** An annotation file that has been read, and where its images are. */
export interface OpenCoco {
  /** Names the annotation file in errors. */
  readonly what: string
  readonly file: CocoFile
  readonly info: DatasetInfo
  /** @throws FormatError when the image is not of the size that the annotations say */
  load(image: CocoImage): Promise<Image>
}

const splits = ['train2014', 'val2014', 'train2017', 'val2017'] as const
const homepage = 'https://cocodataset.org'

/** @param kind `instances`, `captions`, `person_keypoints` */
export async function openCoco(
  operation: string,
  set: CocoSet,
  kind: string,
  options: CocoOptions,
): Promise<OpenCoco> {
  const { annotations, images } = placesOf(operation, set, kind)
  const tree = await openTree(
    { operation, folder: 'coco', bases: ['', 'coco'], needs: [annotations], archives: [], homepage },
    options,
  )
  const what = `${operation}: ${tree.locate(annotations)}`
  const file = parseAnnotations(await tree.text(annotations), what)
  return {
    what,
    file,
    info: {
      name: 'COCO',
      classes: file.categories.map(({ name }) => name),
      license: 'annotations: CC BY 4.0; photographs of Flickr, under its terms of use',
      homepage,
      splits,
    },
    load: (image) => load(tree, `${images}/${image.file_name}`, image, options, operation),
  }
}

function placesOf(
  operation: string,
  set: CocoSet,
  kind: string,
): { readonly annotations: string; readonly images: string } {
  if (typeof set === 'object') return set
  if (!(splits as readonly string[]).includes(set))
    throw new ValueError(`${operation}: a split is ${splits.join(', ')}: ${set as string}`)
  return { annotations: `annotations/${kind}_${set}.json`, images: set }
}

async function load(
  tree: FileTree,
  name: string,
  { width, height }: CocoImage,
  options: CocoOptions,
  operation: string,
): Promise<Image> {
  const image = await loadPhotograph(tree.locate(name), options)
  if (image.width === width && image.height === height) return image
  throw new FormatError(
    `${operation}: ${tree.locate(name)}: the annotations are for an image of ${width}x${height}, ` +
      `the image is ${image.width}x${image.height}`,
  )
}
