import { isUnsafeName } from '@badak/formats'
import { FormatError } from '@badak/tensor'

/** What is checked of an annotation file of COCO before anything else is done with it. */
export interface CocoFile {
  readonly images: readonly CocoImage[]
  /** By image, in the order of the file. */
  readonly annotations: ReadonlyMap<number, readonly CocoAnnotation[]>
  /** In the order of their ids; none in files of captions. */
  readonly categories: readonly CocoCategory[]
}

/** An image, as the file describes it. */
export interface CocoImage {
  readonly id: number
  readonly file_name: string
  readonly width: number
  readonly height: number
}

/** A class, as the file describes it. */
export interface CocoCategory {
  readonly id: number
  readonly name: string
  readonly supercategory?: string
  /** Of the points of an object. */
  readonly keypoints?: readonly string[]
  /** Pairs of points, from 1, with a line between them. */
  readonly skeleton?: readonly (readonly [from: number, to: number])[]
}

/** An object or a caption; which fields there are is checked where they are used. */
export interface CocoAnnotation {
  readonly id: number
  readonly image_id: number
  readonly category_id?: unknown
  readonly bbox?: unknown
  readonly area?: unknown
  readonly iscrowd?: unknown
  readonly segmentation?: unknown
  readonly keypoints?: unknown
  readonly caption?: unknown
}

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads an annotation file: images, what belongs to them, and categories.
 *
 * @param what names the file in errors
 * @throws FormatError when it is no JSON, or a list or an identity in it is broken
 */
export function parseAnnotations(text: string, what: string): CocoFile {
  const root = parseJSON(text, what)
  const images = uniqueById(listOf(root, 'images', what), 'image', what, checkImage)
  const categories = uniqueById(
    root['categories'] === undefined ? [] : listOf(root, 'categories', what),
    'category',
    what,
    checkCategory,
  )
  const annotations = new Map<number, CocoAnnotation[]>([...images.keys()].map((id) => [id, []]))
  const all = uniqueById(listOf(root, 'annotations', what), 'annotation', what, (fields) => fields)
  for (const [id, annotation] of all) {
    const { image_id: image } = annotation
    const list = annotations.get(image as number)
    if (list === undefined)
      throw new FormatError(`${what}: annotation ${id}: there is no image ${JSON.stringify(image)}`)
    list.push(annotation as unknown as CocoAnnotation)
  }
  return {
    images: [...images.values()] as unknown as CocoImage[],
    annotations,
    categories: ([...categories.values()] as unknown as CocoCategory[]).toSorted((a, b) => a.id - b.id),
  }
}

function parseJSON(text: string, what: string): Fields {
  let root: unknown
  try {
    root = JSON.parse(text)
  } catch (cause) {
    throw new FormatError(`${what}: no JSON: ${(cause as Error).message}`, { cause })
  }
  if (typeof root !== 'object' || root === null || Array.isArray(root))
    throw new FormatError(`${what}: an annotation file is an object with images and annotations`)
  return root as Fields
}

function listOf(root: Fields, name: string, what: string): readonly unknown[] {
  const list = root[name]
  if (!Array.isArray(list)) throw new FormatError(`${what}: there is no list of ${name}`)
  return list
}

function uniqueById(
  list: readonly unknown[],
  kind: string,
  what: string,
  check: (fields: Fields, what: string) => unknown,
): Map<number, Fields> {
  const found = new Map<number, Fields>()
  for (const [i, entry] of list.entries()) {
    const { id } = (entry ?? {}) as Fields
    if (!Number.isSafeInteger(id))
      throw new FormatError(`${what}: ${kind} at ${i}: its id is no integer: ${JSON.stringify(id)}`)
    if (found.has(id as number)) throw new FormatError(`${what}: ${kind} ${id as number} is in it twice`)
    check(entry as Fields, `${what}: ${kind} ${id as number}`)
    found.set(id as number, entry as Fields)
  }
  return found
}

function checkImage({ file_name: name, width, height }: Fields, what: string): void {
  if (typeof name !== 'string' || isUnsafeName(name))
    throw new FormatError(`${what}: not the name of a file in the folder of images: ${JSON.stringify(name)}`)
  if (![width, height].every((side) => Number.isInteger(side) && (side as number) > 0))
    throw new FormatError(
      `${what}: width and height are counts of pixels: ${String(width)} and ${String(height)}`,
    )
}

function checkCategory({ name }: Fields, what: string): void {
  if (typeof name !== 'string') throw new FormatError(`${what}: it has no name`)
}
