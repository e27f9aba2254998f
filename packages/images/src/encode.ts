import { ValueError } from '@badak/tensor'
import { convert } from './channels.ts'
import { checkImage, type Image } from './image.ts'
import { encodeRGBA } from './jpeg/encode.ts'

/** How `encodePNG` compresses. */
export interface EncodePNGOptions {
  /** From 0 (stored, fast) to 9 (small, slow); default 6. */
  readonly level?: number
}

/** How `encodeJPEG` compresses. */
export interface EncodeJPEGOptions {
  /** From 1 (small) to 100 (like the original); default 90. */
  readonly quality?: number
  /** Whether the picture comes in scans from coarse to fine, and gets smaller; default true. */
  readonly progressive?: boolean
}

/**
 * The bytes of a PNG file with a picture's pixels: grey, RGB or RGBA, 8 bits a channel.
 *
 * @throws ShapeError when the sides of the image do not fit its data
 *
 * @example
 * ```ts
 * const bytes = await encodePNG(image)
 * ```
 */
export async function encodePNG(
  image: Image,
  { level = 6 }: EncodePNGOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  checkImage('encodePNG', image)
  if (!isWithin(level, 0, 9))
    throw new ValueError(`encodePNG: a level is a whole number from 0 to 9: ${level}`)
  const { encode } = await import('fast-png')
  const { width, height, channels, data } = image
  const options = { zlib: { level: level as 6 } }
  return new Uint8Array(encode({ width, height, channels, depth: 8, data }, options))
}

/**
 * The bytes of a JPEG file that looks like a picture (mozjpeg's encoder). There is no transparency in it: see
 * `composite`.
 *
 * @throws ValueError when the picture has alpha, the quality is none, or a side is longer than 65,500 pixels
 *
 * @example
 * ```ts
 * const bytes = await encodeJPEG(image, { quality: 85 })
 * ```
 */
export async function encodeJPEG(
  image: Image,
  { quality = 90, progressive = true }: EncodeJPEGOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  checkImage('encodeJPEG', image)
  if (image.channels === 4)
    throw new ValueError('encodeJPEG: a JPEG has no alpha: composite the image on a background first')
  if (!isWithin(quality, 1, 100))
    throw new ValueError(`encodeJPEG: a quality is a whole number from 1 to 100: ${quality}`)
  const { width, height, channels } = image
  if (Math.max(width, height) > 65_500)
    throw new ValueError(`encodeJPEG: the sides of a JPEG are at most 65500 pixels: ${width}x${height}`)
  const grey = channels === 1
  return encodeRGBA(convert(image, 4), { quality, progressive, grey })
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}
