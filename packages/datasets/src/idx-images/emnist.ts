import { ValueError } from '@badak/tensor'
import {
  type IdxImages,
  type ImageDataset,
  type ImagesOptions,
  type ImageSplit,
  readIdxImages,
} from './idx-images.ts'

/**
 * Parts of EMNIST: all characters as they came (`byclass`, 62 classes); with capital letters that look like their small
 * ones merged (`bymerge`, 47); the same, as many of each (`balanced`, 47); letters, capital and small alike (`letters`,
 * 26); digits, more than in MNIST (`digits`, 10); digits like MNIST (`mnist`, 10).
 */
export type EmnistPart = 'byclass' | 'bymerge' | 'balanced' | 'letters' | 'digits' | 'mnist'

const digits = Array.from('0123456789')
const capitals = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ')
const small = Array.from('abcdefghijklmnopqrstuvwxyz')
// Those that do not look like their capitals.
const merged = [...digits, ...capitals, ...Array.from('abdefghnqrt')]

const classes: Readonly<Record<EmnistPart, readonly string[]>> = {
  byclass: [...digits, ...capitals, ...small],
  bymerge: merged,
  balanced: merged,
  letters: small,
  digits,
  mnist: digits,
}

const archive = 'gzip.zip'

function publishedPart(part: EmnistPart): IdxImages {
  const file = (split: string, kind: string): string => `emnist-${part}-${split}-${kind}`
  const ofSplit = (split: string): { readonly images: string; readonly labels: string } => ({
    images: file(split, 'images-idx3-ubyte'),
    labels: file(split, 'labels-idx1-ubyte'),
  })
  return {
    operation: 'emnist',
    folder: 'emnist',
    info: {
      name: `EMNIST ${part}`,
      classes: classes[part],
      license: 'public domain (NIST Special Database 19)',
      homepage: 'https://www.nist.gov/itl/products-and-services/emnist-dataset',
    },
    files: { train: ofSplit('train'), test: ofSplit('test') },
    mirrors: [
      'https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/',
      'https://biometrics.nist.gov/cs_links/EMNIST/',
    ],
    archive,
    // As torchvision publishes it.
    md5: { [archive]: '58c8d27c78d21e728a6bc7b3cc06412e' },
    firstLabel: part === 'letters' ? 1 : 0,
    transposed: true,
  }
}

/**
 * EMNIST, handwritten letters and digits, in memory as one byte per pixel, `[1, 28, 28]`. The files have the images
 * lying on their side; here they stand. The classes of `letters` count from 0, in the file from 1.
 *
 * Looked for in `directory` (alone, if it is given: the unpacked archive), in `emnist` in the cache directory, at the
 * public mirrors: an archive of 560 MB, which has all parts.
 *
 * @throws ValueError when there is no such part
 * @throws DataNotFoundError when the files are in none of these places
 * @throws DownloadError when no mirror delivers them
 * @throws FormatError when a file is not what its header says
 * @see Cohen, Afshar, Tapson & van Schaik 2017, "EMNIST: an extension of MNIST to handwritten letters", arXiv:1702.05373
 *
 * @example
 * ```ts
 * const train = await emnist('letters', 'train')
 * ```
 */
export async function emnist(
  part: EmnistPart,
  split: ImageSplit,
  options: ImagesOptions = {},
): Promise<ImageDataset> {
  if (!Object.hasOwn(classes, part))
    throw new ValueError(`emnist: a part is ${Object.keys(classes).join(', ')}: ${part}`)
  return readIdxImages(publishedPart(part), split, options)
}
