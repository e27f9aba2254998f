import type { Image } from '@badak/images'
import { BadakError } from '@badak/tensor'
import type { Picture } from './protocol.ts'

/** Larger images are made smaller as they are decoded: no network here sees so much. */
const MOST = 1024

/** The pixels of a picture; the browser decodes files, whatever it knows. */
export async function readPicture(picture: Picture): Promise<Image> {
  if (picture.kind === 'pixels') {
    const { width, height, rgba } = picture
    return { width, height, channels: 4, data: new Uint8Array(rgba) }
  }
  const bitmap = await createImageBitmap(picture.file).catch((cause: unknown) => {
    throw new BadakError('this file is no image that the browser can read', { cause })
  })
  const scale = Math.min(1, MOST / Math.max(bitmap.width, bitmap.height))
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)))
  const context = new OffscreenCanvas(width!, height!).getContext('2d')!
  context.imageSmoothingQuality = 'high'
  context.drawImage(bitmap, 0, 0, width!, height!)
  bitmap.close()
  const { data } = context.getImageData(0, 0, width!, height!)
  return { width: width!, height: height!, channels: 4, data: new Uint8Array(data.buffer) }
}
