import { ShapeError, ValueError } from '@badak/tensor'

/** An image as decoders give it: 8 bits a channel, the channels of a pixel side by side, rows from the top. */
export interface ImageLike {
  readonly width: number
  readonly height: number
  /** 1: grey, 3: red, green, blue, 4: the same and alpha, which is left aside. */
  readonly channels: number
  /** `height · width · channels` values from 0 to 255. */
  readonly data: Uint8Array | Uint8ClampedArray
}

/** In which terms colours are compared. */
export type ColorSpace = 'rgb' | 'hsv' | 'lab'

/** Three planes of an image, each of `height · width` values from about 0 to 255. */
export type Planes = readonly [Float32Array, Float32Array, Float32Array]

/** @throws ShapeError, ValueError */
export function checkImageLike(operation: string, { width, height, channels, data }: ImageLike): void {
  if (channels !== 1 && channels !== 3 && channels !== 4)
    throw new ValueError(`${operation}: channels are 1 (grey), 3 (RGB) or 4 (RGBA): ${channels}`)
  if (data.length === width * height * channels && width > 0 && height > 0) return
  throw new ShapeError(
    `${operation}: the sides of the image do not fit its data: ${height}x${width}x${channels} for ${data.length} values`,
  )
}

/** The planes of an image in a colour space, each stretched to 0 … 255. @throws ValueError */
export function planesOf(
  operation: string,
  { channels, data, width, height }: ImageLike,
  space: ColorSpace,
): Planes {
  const convert = Object.hasOwn(conversions, space) ? conversions[space] : undefined
  if (!convert) throw new ValueError(`${operation}: the colour space is not rgb, hsv or lab: ${space}`)
  const planes = [0, 1, 2].map(() => new Float32Array(width * height)) as unknown as Planes
  const [green, blue] = channels === 1 ? [0, 0] : [1, 2]
  for (let i = 0, at = 0; i < width * height; i++, at += channels) {
    const color = convert(data[at]!, data[at + green]!, data[at + blue]!)
    for (let c = 0; c < 3; c++) planes[c]![i] = color[c]!
  }
  return planes
}

type Color = readonly [number, number, number]

const conversions: Record<ColorSpace, (r: number, g: number, b: number) => Color> = {
  rgb: (r, g, b) => [r, g, b],
  hsv: toHsv,
  lab: toLab,
}

function toHsv(r: number, g: number, b: number): Color {
  const value = Math.max(r, g, b)
  const range = value - Math.min(r, g, b)
  if (range === 0) return [0, 0, value]
  const sixths = value === r ? (g - b) / range + 6 : value === g ? (b - r) / range + 2 : (r - g) / range + 4
  return [((sixths % 6) / 6) * 255, (range / value) * 255, value]
}

/** sRGB to CIE L*a*b* at D65. */
function toLab(r: number, g: number, b: number): Color {
  const [red, green, blue] = [linear[r]!, linear[g]!, linear[b]!]
  const x = compress((0.412453 * red + 0.35758 * green + 0.180423 * blue) / 0.95047)
  const y = compress(0.212671 * red + 0.71516 * green + 0.072169 * blue)
  const z = compress((0.019334 * red + 0.119193 * green + 0.950227 * blue) / 1.08883)
  return [(116 * y - 16) * 2.55, 500 * (x - y) + 128, 200 * (y - z) + 128]
}

const linear = Float64Array.from({ length: 256 }, (_, i) =>
  i / 255 > 0.04045 ? ((i / 255 + 0.055) / 1.055) ** 2.4 : i / 255 / 12.92,
)

function compress(t: number): number {
  return t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116
}

/** A kernel along rows and one along columns, each of odd length. */
export function filterPlane(
  plane: Float32Array,
  width: number,
  height: number,
  across: Float64Array,
  down: Float64Array,
): Float32Array {
  const between = filterLines(plane, height, width, width, 1, across)
  return filterLines(between, width, height, 1, width, down)
}

/** Filters `lines` lines of `length` pixels; beyond its ends a line is mirrored, as in SciPy's `reflect`. */
function filterLines(
  plane: Float32Array,
  lines: number,
  length: number,
  nextLine: number,
  step: number,
  kernel: Float64Array,
): Float32Array {
  const radius = kernel.length >> 1
  if (radius === 0 && kernel[0] === 1) return plane
  const result = new Float32Array(plane.length)
  const line = new Float64Array(length + 2 * radius)
  const mirrored = Int32Array.from(line, (_, i) => {
    const turn = (((i - radius) % (2 * length)) + 2 * length) % (2 * length)
    return Math.min(turn, 2 * length - 1 - turn)
  })
  for (let l = 0; l < lines; l++) {
    for (let i = 0; i < line.length; i++) line[i] = plane[l * nextLine + mirrored[i]! * step]!
    for (let i = 0; i < length; i++) {
      let sum = 0
      for (let k = 0; k < kernel.length; k++) sum += kernel[k]! * line[i + k]!
      result[l * nextLine + i * step] = sum
    }
  }
  return result
}

/** A Gaussian cut at four standard deviations, of sum 1; `[1]` for 0. */
export function gaussian(sigma: number): Float64Array {
  if (sigma === 0) return Float64Array.of(1)
  const radius = Math.floor(4 * sigma + 0.5)
  const values = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  )
  const sum = values.reduce((a, b) => a + b)
  return values.map((value) => value / sum)
}

/** The slope of a Gaussian, for correlation: positive where values rise. */
export function gaussianSlope(sigma: number): Float64Array {
  const bell = gaussian(sigma)
  return bell.map((value, i) => (value * (i - (bell.length >> 1))) / sigma ** 2)
}
