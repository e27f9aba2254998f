import { encodePNG, type Image } from '@badak/images'
import { ShapeError, type Tensor } from '@badak/tensor'
import { type ColorScale, colorTable, type RGB } from './colors.ts'

/** What the values of images stand for. */
export interface ImageOptions {
  /**
   * Which values are black and white; default the least and the greatest of all images, with `each` those of
   * each image. `symmetric` is for weights of one channel: blue below 0, white 0, red above, with full colour
   * at the greatest magnitude, or at one of your choice.
   */
  readonly range?:
    | readonly [black: number, white: number]
    | 'each'
    | 'symmetric'
    | { readonly symmetric: number }
  /** Colours for images of one channel, rather than from black to white; not with `symmetric`. */
  readonly colors?: ColorScale
}

/**
 * Images as data URIs (PNG), for the pages of one's own.
 *
 * @param images `[N, C, H, W]` with one or three channels, or `[N, H, W]`
 * @throws ShapeError when they are something else; ValueError when there are no such colours
 */
export async function imageURIs(images: Tensor, options: ImageOptions = {}): Promise<string[]> {
  const rasters = await rastersOf('imageURIs', images, options)
  return Promise.all(rasters.map((raster) => pngURI({ ...raster, channels: 3 })))
}

/** An image as a data URI (PNG). */
export async function pngURI(image: Image): Promise<string> {
  return `data:image/png;base64,${base64(await encodePNG(image))}`
}

/**
 * The greatest magnitude but for the outermost hundredth, as a scale of weights: a single large one leaves the
 * others their colour. 1 when all are 0.
 */
export async function robustMagnitude(weights: Tensor): Promise<number> {
  const sorted = ((await weights.cast('float32').data()) as Float32Array).map(Math.abs).toSorted()
  return sorted[Math.floor(0.99 * (sorted.length - 1))]! || 1
}

interface ImageSize {
  readonly count: number
  readonly channels: number
  readonly height: number
  readonly width: number
}

/** @throws ShapeError when they are no images */
export function imageSize(operation: string, images: Tensor): ImageSize {
  const { rank, shape } = images
  const [count, channels, height, width] = rank === 3 ? [shape[0]!, 1, ...shape.slice(1)] : shape
  if ((rank === 3 || rank === 4) && (channels === 1 || channels === 3))
    return { count: count!, channels, height: height!, width: width! }
  throw new ShapeError(
    `${operation}: expected images [N, H, W], [N, 1, H, W] or [N, 3, H, W]: [${images.shape}]`,
  )
}

/** Pixels of three bytes each, row by row. */
export interface Raster {
  readonly height: number
  readonly width: number
  readonly data: Uint8Array
}

/** The bytes of a PNG file. */
export function encodeRaster({ height, width, data }: Raster): Promise<Uint8Array> {
  return encodePNG({ width, height, channels: 3, data })
}

/** @throws ShapeError when they are no images; ValueError when there are no such colours */
export async function rastersOf(
  operation: string,
  images: Tensor,
  { range, colors = 'greys' }: ImageOptions,
): Promise<Raster[]> {
  const { count, channels, height, width } = imageSize(operation, images)
  const table = colorTable(operation, colors)
  const values = (await images.cast('float32').data()) as Float32Array
  const size = channels * height * width
  const all = range === 'each' ? undefined : colourOf(values, range, table)
  return Array.from({ length: count }, (_, i) => {
    const planes = values.subarray(i * size, (i + 1) * size)
    return { height, width, data: paint(planes, channels, all ?? colourOf(planes, undefined, table)) }
  })
}

function colourOf(
  values: Float32Array,
  range: Exclude<ImageOptions['range'], 'each'>,
  table: readonly RGB[],
): (value: number) => RGB {
  if (range === 'symmetric' || (range && 'symmetric' in range)) {
    const most =
      range === 'symmetric'
        ? values.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 0) || 1
        : range.symmetric
    return (value) => diverging(value / most)
  }
  const [black, white] = range ?? extremes(values)
  return (value) => table[shadeOf(value, black, white)]!
}

/** The least and the greatest value. */
export function extremes(values: Float32Array): [least: number, greatest: number] {
  return [
    values.reduce((least, value) => Math.min(least, value), Infinity),
    values.reduce((greatest, value) => Math.max(greatest, value), -Infinity),
  ]
}

/** Where a value lies in its range, from 0 to 255. What is no number is 0. */
export function shadeOf(value: number, black: number, white: number): number {
  return Math.round(255 * Math.min(1, Math.max(0, (value - black) / (white - black || 1)))) || 0
}

function paint(planes: Float32Array, channels: number, colour: (value: number) => RGB): Uint8Array {
  const size = planes.length / channels
  const rgb = new Uint8Array(3 * size)
  for (let pixel = 0; pixel < size; pixel++) {
    if (channels === 1) rgb.set(colour(planes[pixel]!), 3 * pixel)
    else for (let c = 0; c < 3; c++) rgb[3 * pixel + c] = colour(planes[c * size + pixel]!)[c]!
  }
  return rgb
}

function base64(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

const negative = [33, 102, 172] as const
const positive = [214, 69, 45] as const

/** From −1 (blue) through 0 (white) to 1 (red). */
function diverging(value: number): RGB {
  const end = value < 0 ? negative : positive
  const share = Math.min(1, Math.abs(value))
  const mix = (channel: number): number => Math.round(250 + (channel - 250) * share)
  return [mix(end[0]), mix(end[1]), mix(end[2])]
}
