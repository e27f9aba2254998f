import { FormatError } from '@badak/tensor'
import type { FileTree } from './file-tree.node.ts'

/** An image and its mask, by their names in a tree. */
export interface Pair {
  readonly name: string
  readonly image: string
  readonly mask: string
}

/** How the files of two folders belong together: `a.png` and `a_mask.png` with the suffix `_mask`. */
export interface PairedFolders {
  readonly images: string
  readonly masks: string
  readonly suffix: string
}

const IMAGE = /\.(png|jpe?g)$/i

/**
 * The images of a folder with their masks, in the order of their names; files that are no images by their names are
 * passed over.
 *
 * @throws FormatError when an image has no mask, or a mask no image
 */
export async function pairsOf(
  operation: string,
  tree: FileTree,
  { images, masks, suffix }: PairedFolders,
): Promise<Pair[]> {
  const [pictures, labels] = await Promise.all([tree.list(images), tree.list(masks)])
  const names = pictures.filter((name) => IMAGE.test(name))
  const left = new Set(labels.filter((name) => name.endsWith('.png')))
  const pairs = names.map((file) => {
    const name = file.replace(IMAGE, '')
    const mask = `${name}${suffix}.png`
    if (!left.delete(mask))
      throw new FormatError(
        `${operation}: ${tree.locate(`${images}/${file}`)}: there is no ${mask} in ${masks}`,
      )
    return { name, image: `${images}/${file}`, mask: `${masks}/${mask}` }
  })
  const [stray] = left
  if (stray !== undefined)
    throw new FormatError(`${operation}: ${tree.locate(`${masks}/${stray}`)}: its image is not in ${images}`)
  if (pairs.length === 0)
    throw new FormatError(`${operation}: ${tree.locate(images)}: there are no images in it`)
  return pairs
}
