import { type DecodeImageOptions, loadImage } from '@badak/images'
import { IndexError } from '@badak/tensor'
import type { LabelledImage } from '../loader/image-samples.ts'
import type { Samples } from '../loader/sample-dataset.ts'
import { type FolderSample, listImages } from './list-images.node.ts'

/** How `imageFolder` decodes. */
export interface ImageFolderOptions extends Pick<DecodeImageOptions, 'maxPixels' | 'orient'> {
  /** The channels of each image; default 3, as torchvision has it. `'as stored'`: those of its file. */
  readonly channels?: 1 | 3 | 4 | 'as stored'
}

/** The images of a directory. */
export interface ImageFolder extends Samples<LabelledImage> {
  /** The names of the folders: class `label` is `classes[label]`. */
  readonly classes: readonly string[]
  /** Where each image is, and its class. */
  readonly files: readonly FolderSample[]
  /** Files that are no images by their names, and were left out. */
  readonly ignored: readonly string[]
}

/**
 * A directory with a folder for each class, such as `pets/cat/1.jpg`, `pets/dog/2.png`; only in Node, Deno and Bun.
 * Classes and images have torchvision's order: by name, folders within a class in their turn. Images (`.jpg`, `.jpeg`,
 * `.png`, `.webp`, by whatever is in them) are decoded when they are asked for.
 *
 * What comes of it is samples, for `sampleDataset`: a transform brings them to one size.
 *
 * @throws DataNotFoundError when there is no such directory, there are no folders in it, or one has no images
 * @throws FormatError (when an image is asked for) naming the file that is broken
 *
 * @example
 * ```ts
 * const pets = await imageFolder('pets/train')
 * const train = sampleDataset(pets, { transform: compose([resize(256), centerCrop(224)]) })
 * ```
 */
export async function imageFolder(
  directory: string | URL,
  options: ImageFolderOptions = {},
): Promise<ImageFolder> {
  const { channels = 3, ...decoding } = options
  const { classes, files, ignored } = await listImages(directory)
  return {
    classes,
    files,
    ignored,
    length: files.length,
    async get(index) {
      const sample = files[index]
      if (sample === undefined)
        throw new IndexError(`imageFolder: there are ${files.length} samples: ${index}`)
      const { path, label } = sample
      const wanted = channels === 'as stored' ? {} : { channels }
      return { image: await loadImage(path, { ...decoding, ...wanted }), label }
    },
  }
}
