import { ValueError } from '@badak/tensor'
import { convert } from './channels.ts'
import type { DecodedPixels } from './codec.ts'
import type { Header } from './header.ts'
import { type Channels, checkChannels, type Image } from './image.ts'
import { decodeJPEG } from './jpeg/decode.ts'
import { jpegHeader } from './jpeg/header.ts'
import { isTransposed, orient } from './orient.ts'
import { type Place, refuse } from './place.ts'
import { decodePNG } from './png/decode.ts'
import { pngHeader } from './png/header.ts'
import { decodeWebP } from './webp/decode.ts'
import { webpHeader } from './webp/header.ts'

/** The file formats that are read. */
export type ImageFormat = 'jpeg' | 'png' | 'webp'

/** How a picture is read. */
export interface DecodeImageOptions {
  /** What errors call the file; default `'bytes'`. */
  readonly name?: string
  /** Refuses pictures with more pixels, before memory is taken for them; default 89,478,485, Pillow's limit. */
  readonly maxPixels?: number
  /** The channels of the result, see `convert`; default: those of the file. */
  readonly channels?: Channels
  /** Whether the picture is turned upright as EXIF says; default true. */
  readonly orient?: boolean
}

/** What a file says of its picture. */
export interface ImageInfo {
  readonly format: ImageFormat
  /** In pixels, upright. */
  readonly width: number
  readonly height: number
  readonly channels: Channels
}

interface Format {
  readonly header: (bytes: Uint8Array, place: Place) => Header
  readonly decode: (bytes: Uint8Array, place: Place) => Promise<DecodedPixels>
}

const formats: Readonly<Record<ImageFormat, Format>> = {
  jpeg: { header: jpegHeader, decode: decodeJPEG },
  png: { header: pngHeader, decode: decodePNG },
  webp: { header: webpHeader, decode: decodeWebP },
}

const MAX_PIXELS = 89_478_485

/**
 * The picture in the bytes of a JPEG (baseline, progressive), PNG (every depth, palette, interlacing) or WebP file
 * (lossy, lossless), which their first bytes tell apart. Every engine gives the same pixels: those of libjpeg-turbo
 * and libwebp, as Pillow and torchvision have them. Of 16 bits a channel the upper 8 are kept; colour profiles are
 * left aside.
 *
 * The codec of a format is loaded when the first such file comes.
 *
 * @throws FormatError, with the name, when the file is something else, cut off, broken, or larger than it may be
 *
 * @example
 * ```ts
 * const image = await decodeImage(bytes, { name: 'cat.jpg', channels: 3 })
 * console.log(image.width, image.height)
 * ```
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeImageOptions = {}): Promise<Image> {
  return decodeAs('decodeImage', bytes, options)
}

/** @internal */
export async function decodeAs(
  operation: string,
  bytes: Uint8Array,
  { name = 'bytes', maxPixels = MAX_PIXELS, channels, orient: upright = true }: DecodeImageOptions,
): Promise<Image> {
  if (channels !== undefined) checkChannels(operation, channels)
  const place = { operation, name }
  const { format, header } = readHeader(bytes, maxPixels, place)
  const pixels = await formats[format].decode(bytes, place)
  if (pixels.width !== header.width || pixels.height !== header.height)
    refuse(
      place,
      `the header says ${header.width}x${header.height}, the picture is ${pixels.width}x${pixels.height}`,
    )
  const image = withChannels(pixels, header.channels)
  const whole = upright ? orient(image, header.orientation) : image
  return channels === undefined ? whole : convert(whole, channels)
}

/**
 * Format, size and channels of a file's picture, without decoding it.
 *
 * @throws FormatError as `decodeImage` does
 *
 * @example
 * ```ts
 * const { format, width, height } = imageInfo(bytes)
 * ```
 */
export function imageInfo(
  bytes: Uint8Array,
  { name = 'bytes', maxPixels = MAX_PIXELS }: Pick<DecodeImageOptions, 'name' | 'maxPixels'> = {},
): ImageInfo {
  const { format, header } = readHeader(bytes, maxPixels, { operation: 'imageInfo', name })
  const { width, height, channels, orientation } = header
  const [first, second] = isTransposed(orientation) ? [height, width] : [width, height]
  return { format, width: first, height: second, channels }
}

function readHeader(
  bytes: Uint8Array,
  maxPixels: number,
  place: Place,
): { readonly format: ImageFormat; readonly header: Header } {
  if (!(bytes instanceof Uint8Array))
    throw new ValueError(`${place.operation}: expected the bytes of a file, a Uint8Array: ${typeof bytes}`)
  const format = formatOf(bytes, place)
  const header = formats[format].header(bytes, place)
  const { width, height } = header
  if (width === 0 || height === 0) refuse(place, `the picture has no pixels: ${width}x${height}`)
  if (width * height > maxPixels)
    refuse(place, `${width}x${height} pixels are more than maxPixels, ${maxPixels}`)
  return { format, header }
}

function formatOf(bytes: Uint8Array, place: Place): ImageFormat {
  const starts = (offset: number, ...expected: number[]): boolean =>
    expected.every((byte, i) => bytes[offset + i] === byte)
  if (starts(0, 0xff, 0xd8, 0xff)) return 'jpeg'
  if (starts(0, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'png'
  if (starts(0, 0x52, 0x49, 0x46, 0x46) && starts(8, 0x57, 0x45, 0x42, 0x50)) return 'webp'
  if (bytes.length === 0) return refuse(place, 'the file is empty')
  const start = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
  return refuse(place, `neither JPEG, PNG nor WebP: it starts with ${start}`)
}

/** Drops what the codec has added: it always gives red, green, blue and alpha. */
function withChannels({ width, height, data }: DecodedPixels, channels: Channels): Image {
  const rgba = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  if (channels === 4) return { width, height, channels, data: rgba }
  const out = new Uint8Array(width * height * channels)
  if (channels === 1) for (let i = 0; i < out.length; i++) out[i] = rgba[4 * i]!
  else {
    for (let from = 0, to = 0; to < out.length; from += 4, to += 3) {
      out[to] = rgba[from]!
      out[to + 1] = rgba[from + 1]!
      out[to + 2] = rgba[from + 2]!
    }
  }
  return { width, height, channels, data: out }
}
