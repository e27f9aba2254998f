import { type FileSource, readBytes } from '@badak/formats'
import type { DecodeImageOptions } from './decode.ts'
import type { Image } from './image.ts'
import { type Place, refuse } from './place.ts'
import { pngHeader } from './png/header.ts'

/** How a label map is read. */
export type LabelMapOptions = Pick<DecodeImageOptions, 'name' | 'maxPixels'>

/** Pillow's limit, as for pictures. */
const MAX_PIXELS = 89_478_485
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const GREY = 0
const PALETTE = 3

/**
 * A class for each pixel, from a PNG file that has one: the indices into its palette, not the colours they stand for, or
 * its grey values as they are stored, 1 to 8 bits. The masks of Pascal VOC, Penn-Fudan and Oxford-IIIT Pet are such files.
 *
 * @returns one channel
 * @throws FormatError when the file is no PNG of grey values or indices, is cut off, broken, or larger than it may be
 *
 * @example
 * ```ts
 * const mask = await decodeLabelMap(bytes, { name: '2007_000032.png' })
 * ```
 */
export async function decodeLabelMap(bytes: Uint8Array, options: LabelMapOptions = {}): Promise<Image> {
  return decodeLabels(bytes, { operation: 'decodeLabelMap', name: options.name ?? 'bytes' }, options)
}

/**
 * The label map in a file: a path or a `file:` URL (Node, Deno, Bun), an address, a Blob or bytes. See `decodeLabelMap`.
 *
 * @throws FormatError naming the file when it is no PNG of grey values or indices
 * @throws ValueError when there is no such file
 * @throws DownloadError when it cannot be fetched
 *
 * @example
 * ```ts
 * const mask = await loadLabelMap('SegmentationClass/2007_000032.png')
 * ```
 */
export async function loadLabelMap(source: FileSource, options: LabelMapOptions = {}): Promise<Image> {
  const operation = 'loadLabelMap'
  const { bytes, name } = await readBytes(source, { operation })
  return decodeLabels(bytes, { operation, name: options.name ?? name }, options)
}

async function decodeLabels(
  bytes: Uint8Array,
  place: Place,
  { maxPixels = MAX_PIXELS }: LabelMapOptions,
): Promise<Image> {
  if (SIGNATURE.some((byte, i) => bytes[i] !== byte))
    refuse(place, bytes.length === 0 ? 'the file is empty' : 'not a PNG file, which a label map is')
  const { width, height } = pngHeader(bytes, place)
  const [depth, colour, interlaced] = [bytes[24]!, bytes[25]!, bytes[28] === 1]
  if (width === 0 || height === 0) refuse(place, `the label map has no pixels: ${width}x${height}`)
  if (width * height > maxPixels)
    refuse(place, `${width}x${height} pixels are more than maxPixels, ${maxPixels}`)
  if ((colour !== GREY && colour !== PALETTE) || depth > 8)
    refuse(
      place,
      `a label map has grey values or indices of at most 8 bits: colour type ${colour}, ${depth} bits`,
    )
  if (interlaced && depth < 8) refuse(place, `an interlaced label map of ${depth} bits is not read`)
  const packed = await samplesOf(bytes, place)
  const row = Math.ceil((width * depth) / 8)
  if (packed.length !== row * height)
    refuse(place, `${packed.length} bytes of labels for ${width}x${height} pixels of ${depth} bits`)
  return { width, height, channels: 1, data: depth === 8 ? packed : unpack(packed, width, height, depth) }
}

async function samplesOf(bytes: Uint8Array, place: Place): Promise<Uint8Array> {
  const { decode } = await import('fast-png')
  try {
    return new Uint8Array(decode(bytes).data)
  } catch (cause) {
    return refuse(place, 'the data of the PNG are cut off or broken', cause)
  }
}

/** Rows begin with a byte; the first pixel has its highest bits. */
function unpack(packed: Uint8Array, width: number, height: number, depth: number): Uint8Array {
  const row = Math.ceil((width * depth) / 8)
  const labels = new Uint8Array(width * height)
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth
      labels[to++] = (packed[y * row + (bit >> 3)]! >> (8 - depth - (bit & 7))) & ((1 << depth) - 1)
    }
  }
  return labels
}
