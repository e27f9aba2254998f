import { isUnsafeName } from '@badak/formats'
import type { Image } from '@badak/images'
import { FormatError, ValueError } from '@badak/tensor'
import type { Sample } from './augment/sample.ts'
import { linesOf, openTree } from './published/file-tree.node.ts'
import type { FilesOptions } from './published/files-options.ts'
import {
  checkLabels,
  loadMask,
  loadPhotograph,
  type SampleSource,
  sampleSource,
} from './published/sample-source.ts'

/** A photograph of a cat or a dog. */
export interface OxfordPetSample extends Sample {
  /** Of 37 breeds. */
  readonly label: number
  /** 0 for the background, 1 for the pet, 255 along its outline, which counts for neither. */
  readonly mask: Image
  readonly species: 'cat' | 'dog'
}

interface Entry {
  readonly name: string
  readonly label: number
  readonly species: 'cat' | 'dog'
}

const homepage = 'https://www.robots.ox.ac.uk/~vgg/data/pets/'
// MD5 as torchvision publishes them.
const checksums = {
  'images.tar.gz': '5c4f3ee8e5d25df40f4fd59a7f44e54c',
  'annotations.tar.gz': '95a8c909bbe2e81eed6a22bccdf3f68f',
}
const splits = ['trainval', 'test'] as const
/** In the files: the pet, the background, and the outline between them. */
const labelOfTrimap = [0, 1, 0, 255]

/**
 * Oxford-IIIT Pet, photographs of cats and dogs of 37 breeds, with a mask of each: 3,680 to learn from, 3,669 to be tested
 * on. The files have 1 for the pet, 2 for the background and 3 for the outline; here these are 1, 0 and 255.
 *
 * Looked for in `directory` (alone, if it is given: that of `images` and `annotations`, or an address that serves it), in
 * `oxford-iiit-pet` in the cache directory, at the home page: then the archives are unpacked there.
 *
 * @throws ValueError when there is no such split
 * @throws DataNotFoundError when the files are in none of these places
 * @throws DownloadError when they cannot be fetched
 * @throws FormatError when the list is broken; when a sample is asked for, naming the file that is broken
 * @see Parkhi, Vedaldi, Zisserman & Jawahar 2012, "Cats and dogs"
 *
 * @example
 * ```ts
 * const train = await oxfordPet('trainval')
 * const { image, label, mask } = await train.get(0)
 * console.log(train.info.classes[label]) // Abyssinian
 * ```
 */
export async function oxfordPet(
  split: (typeof splits)[number],
  options: FilesOptions = {},
): Promise<SampleSource<OxfordPetSample>> {
  const operation = 'oxfordPet'
  if (!splits.includes(split))
    throw new ValueError(`${operation}: a split is ${splits.join(', ')}: ${split as string}`)
  const list = `annotations/${split}.txt`
  const tree = await openTree(
    {
      operation,
      folder: 'oxford-iiit-pet',
      bases: ['', 'oxford-iiit-pet'],
      needs: ['images', list],
      archives: Object.entries(checksums).map(([file, md5]) => ({
        address: `${homepage}data/${file}`,
        md5,
        maxBytes: 2 ** 31,
      })),
      homepage,
    },
    options,
  )
  const { entries, classes } = parseList(await tree.text(list), `${operation}: ${tree.locate(list)}`)
  const info = {
    name: 'Oxford-IIIT Pet',
    classes,
    maskClasses: ['background', 'pet'],
    license: 'CC BY-SA 4.0',
    homepage,
    splits,
    checksums,
  }
  const read = async ({ name, label, species }: Entry): Promise<OxfordPetSample> => {
    const image = await loadPhotograph(tree.locate(`images/${name}.jpg`), options)
    const place = tree.locate(`annotations/trimaps/${name}.png`)
    const trimap = await loadMask(operation, place, image, options)
    checkLabels(operation, place, trimap, labelOfTrimap.length)
    return {
      image,
      label,
      species,
      mask: { ...trimap, data: trimap.data.map((value) => labelOfTrimap[value]!) },
    }
  }
  return sampleSource(operation, info, entries, ({ name }) => name, read)
}

/** Lines such as `Abyssinian_100 1 1 1`: the image, its breed from 1, cat or dog, its breed among these. */
function parseList(
  text: string,
  what: string,
): { readonly entries: readonly Entry[]; readonly classes: readonly string[] } {
  const classes: string[] = []
  const entries = linesOf(text)
    .filter(([line]) => !line.startsWith('#'))
    .map(([line, number]): Entry => {
      const [name = '', label, species, breed, ...more] = line.split(/\s+/)
      const numbers = [label, species, breed].map(Number)
      if (
        isUnsafeName(name) ||
        more.length > 0 ||
        !numbers.every((value) => Number.isInteger(value) && value > 0)
      )
        throw new FormatError(
          `${what}: line ${number}: expected a name, breed, species and breed: ${JSON.stringify(line)}`,
        )
      if (species !== '1' && species !== '2')
        throw new FormatError(`${what}: line ${number}: a species is 1 (cat) or 2 (dog): ${species}`)
      if (numbers[0]! > 255) throw new FormatError(`${what}: line ${number}: unknown breed: ${label}`)
      const title = titleOf(name)
      const known = (classes[numbers[0]! - 1] ??= title)
      if (known !== title)
        throw new FormatError(`${what}: line ${number}: breed ${label} is ${known}, not ${title}`)
      return { name, label: numbers[0]! - 1, species: species === '1' ? 'cat' : 'dog' }
    })
  if (entries.length === 0) throw new FormatError(`${what}: there are no images in it`)
  return { entries, classes: Array.from(classes, (name, i) => name ?? `breed ${i + 1}`) }
}

/** `great_pyrenees_100` is a Great Pyrenees. */
function titleOf(name: string): string {
  return name
    .replace(/_\d+$/, '')
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
    .join(' ')
}
