import { encodePNG } from '@badak/images'
import { type Files, jpeg, labelPNG, png } from './files.ts'

export const pedestrians = [
  [0, 0, 2, 2],
  [1, 0, 2, 2],
  [1, 0, 0, 2],
]

export async function pennFudanFiles(): Promise<Files> {
  return {
    'PNGImages/FudanPed00001.png': await png(4, 3),
    'PedMasks/FudanPed00001_mask.png': labelPNG(pedestrians),
    'PNGImages/Thumbs.db': 'x',
  }
}

/** A picture of these colours, in one row. */
export const colorPNG = (...colors: readonly (readonly number[])[]): Promise<Uint8Array> =>
  encodePNG({ width: colors.length, height: 1, channels: 3, data: Uint8Array.from(colors.flat()) })

export async function petFiles(list = 'Abyssinian_1 1 1 1\nbasset_hound_2 2 2 1\n'): Promise<Files> {
  const image = await jpeg(3, 1)
  return {
    'annotations/trainval.txt': list,
    'images/Abyssinian_1.jpg': image,
    'images/basset_hound_2.jpg': image,
    'annotations/trimaps/Abyssinian_1.png': labelPNG([[1, 2, 3]], { colour: 0 }),
    'annotations/trimaps/basset_hound_2.png': labelPNG([[3, 2, 1]], { colour: 0, depth: 2 }),
  }
}

export async function flickrFiles(): Promise<Files> {
  return {
    'Flickr8k.token.txt': 'b.jpg#0\tA dog .\nb.jpg#1\tA grey dog .\na.jpg#0\tNobody .\n',
    'Flickr_8k.trainImages.txt': 'b.jpg\na.jpg\n',
    'Flicker8k_Dataset/a.jpg': await jpeg(8, 6),
    'Flicker8k_Dataset/b.jpg': await jpeg(6, 8),
  }
}
