import { ShapeError, type Tensor } from '@badak/tensor'
import { encode } from 'fast-png'

/** What the values of images stand for. */
export interface ImageOptions {
  /**
   * Which values are black and white; default the least and the greatest. `symmetric` is for weights of one
   * channel: blue below 0, white 0, red above, with full colour at the greatest magnitude, or at one of your
   * choice.
   */
  readonly range?: readonly [black: number, white: number] | 'symmetric' | { readonly symmetric: number }
}

/**
 * Images as data URIs (PNG), for the pages of one's own.
 *
 * @param images `[N, C, H, W]` with one or three channels, or `[N, H, W]`
 * @throws ShapeError when they are something else
 */
export async function imageURIs(images: Tensor, { range }: ImageOptions = {}): Promise<string[]> {
  const { count, channels, height, width } = imageSize('imageURIs', images)
  const data = (await images.cast('float32').data()) as Float32Array
  const colour = coloursOf(data, range)
  const size = channels * height * width
  return Array.from({ length: count }, (_, i) =>
    pngOf(data.subarray(i * size, (i + 1) * size), { channels, height, width, colour }),
  )
}

/**
 * The greatest magnitude but for the outermost hundredth, as a scale of weights: a single large one leaves the
 * others their colour. 1 when all are 0.
 */
export async function robustMagnitude(weights: Tensor): Promise<number> {
  const sorted = ((await weights.cast('float32').data()) as Float32Array).map(Math.abs).toSorted()
  return sorted[Math.floor(0.99 * (sorted.length - 1))]! || 1
}

/** Eight bits a channel, the channels of a pixel side by side: an `Image` of `@badak/images`. */
export interface Pixels {
  readonly width: number
  readonly height: number
  /** 1: grey, or classes; 3: red, green, blue; 4: the same and alpha. */
  readonly channels: 1 | 3 | 4
  /** `height · width · channels` values. */
  readonly data: Uint8Array
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

/** Red, green and blue of a value. */
type Colour = (value: number) => readonly [number, number, number]

function coloursOf(data: Float32Array, range: ImageOptions['range']): Colour {
  if (range === 'symmetric' || (range && 'symmetric' in range)) {
    const most =
      range === 'symmetric'
        ? data.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 0) || 1
        : range.symmetric
    return (value) => diverging(value / most)
  }
  const [black, white] = range ?? [
    data.reduce((least, value) => Math.min(least, value), Infinity),
    data.reduce((greatest, value) => Math.max(greatest, value), -Infinity),
  ]
  return (value) => {
    const grey = Math.round(255 * Math.min(1, Math.max(0, (value - black) / (white - black || 1))))
    return [grey, grey, grey]
  }
}

function pngOf(
  planes: Float32Array,
  {
    channels,
    height,
    width,
    colour,
  }: Omit<ImageSize, 'count'> & {
    readonly colour: Colour
  },
): string {
  const size = height * width
  const rgb = new Uint8Array(3 * size)
  for (let pixel = 0; pixel < size; pixel++) {
    if (channels === 1) rgb.set(colour(planes[pixel]!), 3 * pixel)
    else for (let c = 0; c < 3; c++) rgb[3 * pixel + c] = colour(planes[c * size + pixel]!)[c]!
  }
  return pngURI({ width, height, channels: 3, data: rgb })
}

/** Pixels as a data URI (PNG). */
export function pngURI({ width, height, channels, data }: Pixels): string {
  return `data:image/png;base64,${base64(encode({ width, height, channels, depth: 8, data }))}`
}

function base64(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

const negative = [33, 102, 172] as const
const positive = [214, 69, 45] as const

/** From −1 (blue) through 0 (white) to 1 (red). */
function diverging(value: number): readonly [number, number, number] {
  const end = value < 0 ? negative : positive
  const share = Math.min(1, Math.abs(value))
  const mix = (channel: number): number => Math.round(250 + (channel - 250) * share)
  return [mix(end[0]), mix(end[1]), mix(end[2])]
}
