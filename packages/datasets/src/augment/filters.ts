import type { Image } from '@badak/images'
import { type Generator, ShapeError, ValueError } from '@badak/tensor'
import { noiseSource, normalSource } from './draws.ts'

/**
 * The image blended with a smoothed copy of itself: 0 is smoothed, 1 the image, 2 sharper. The outermost
 * pixels stay as they are, and alpha. Pillow's `ImageEnhance.Sharpness`.
 *
 * @throws ValueError when the factor is below 0
 */
export function adjustSharpness(image: Image, factor: number): Image {
  if (!(factor >= 0 && Number.isFinite(factor))) {
    throw new ValueError(`adjustSharpness: factor must be a number from 0: ${factor}`)
  }
  const { width, height, channels, data } = image
  const result = data.slice()
  const row = width * channels
  const single = Math.fround(factor)
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * row + channels; i < (y + 1) * row - channels; i++) {
      if (channels === 4 && (i & 3) === 3) continue
      const value = data[i]!
      const around =
        data[i - row - channels]! + data[i - row]! + data[i - row + channels]! + data[i - channels]! +
        data[i + channels]! + data[i + row - channels]! + data[i + row]! + data[i + row + channels]! // prettier-ignore
      const smooth = Math.floor((around + 5 * value) / 13 + 0.5)
      const sharp = Math.fround(smooth + Math.fround(single * (value - smooth)))
      result[i] = sharp <= 0 ? 0 : sharp >= 255 ? 255 : sharp
    }
  }
  return { ...image, data: result }
}

/** What a Gaussian blur is like. */
export interface BlurOptions {
  /** Pixels across, odd; default: 3 deviations in either direction. */
  readonly kernelSize?: number
  /** Standard deviation, in pixels. */
  readonly sigma: number
}

/**
 * The image convolved with a Gaussian; beyond the border it goes on as in a mirror. torchvision's
 * `gaussian_blur`, up to rounding.
 *
 * @throws ValueError unless sigma is above 0 and the kernel odd
 * @throws ShapeError when the kernel reaches beyond the mirror image
 */
export function gaussianBlur(image: Image, { sigma, kernelSize }: BlurOptions): Image {
  const { width, height, channels, data } = image
  const kernel = gaussianKernel(sigma, kernelSize)
  const radius = (kernel.length - 1) / 2
  if (radius >= Math.min(width, height)) {
    throw new ShapeError(`gaussianBlur: a kernel of ${kernel.length} for ${width} x ${height} pixels`)
  }
  const rows = new Float32Array(data.length)
  const sums = new Float32Array(data.length)
  convolve(data, rows, kernel, { lines: height, steps: width, lanes: channels })
  convolve(rows, sums, kernel, { lines: 1, steps: height, lanes: width * channels })
  const result = new Uint8Array(data.length)
  for (let i = 0; i < result.length; i++) result[i] = sums[i]! + 0.5
  return { ...image, data: result }
}

/** Values of a normal density, of sum 1. @throws ValueError unless sigma is above 0 and the size odd */
export function gaussianKernel(sigma: number, size: number = 2 * Math.ceil(3 * sigma) + 1): Float64Array {
  if (!(sigma > 0 && Number.isFinite(sigma))) {
    throw new ValueError(`gaussianBlur: sigma must be above 0: ${sigma}`)
  }
  if (!(Number.isInteger(size) && size >= 1 && size % 2 === 1)) {
    throw new ValueError(`gaussianBlur: kernelSize must be odd: ${size}`)
  }
  const middle = (size - 1) / 2
  const density = Float64Array.from({ length: size }, (_, i) => Math.exp(-0.5 * ((i - middle) / sigma) ** 2))
  const sum = density.reduce((total, value) => total + value, 0)
  return density.map((value) => value / sum)
}

/** An array `[lines, steps, lanes]`. */
interface Extents {
  readonly lines: number
  readonly steps: number
  readonly lanes: number
}

/**
 * Convolves an array along its steps with a symmetric kernel; beyond the ends it goes on as in a mirror, without the
 * outermost value.
 *
 * @param kernel of odd length, less than twice as long as the steps
 */
export function convolve(
  from: Uint8Array | Float32Array,
  to: Float32Array,
  kernel: Float64Array,
  { lines, steps, lanes }: Extents,
): void {
  const radius = (kernel.length - 1) / 2
  const length = steps * lanes
  const padded = new Float32Array(length + 2 * radius * lanes)
  const sums = new Float64Array(Math.min(length, CHUNK))
  for (let start = 0; start < lines * length; start += length) {
    mirrored(from.subarray(start, start + length), padded, radius * lanes, lanes)
    for (let at = 0; at < length; at += CHUNK) {
      const end = Math.min(CHUNK, length - at)
      weighted(padded, at, kernel, lanes, sums, end)
      for (let i = 0; i < end; i++) to[start + at + i] = sums[i]!
    }
  }
}

/** Values at a time: their sums stay in the nearest cache. */
const CHUNK = 2048

/** A line with `margin` values more on either side, as in a mirror. */
function mirrored(
  line: Uint8Array | Float32Array,
  padded: Float32Array,
  margin: number,
  lanes: number,
): void {
  padded.set(line, margin)
  const last = line.length - lanes
  for (let k = lanes; k <= margin; k += lanes) {
    for (let c = 0; c < lanes; c++) {
      padded[margin - k + c] = line[k + c]!
      padded[margin + last + k + c] = line[last - k + c]!
    }
  }
}

/** Sums of so many values from `at` on: one weight after another, for all of them. */
function weighted(
  padded: Float32Array,
  at: number,
  kernel: Float64Array,
  lanes: number,
  sums: Float64Array,
  end: number,
): void {
  const radius = (kernel.length - 1) / 2
  const centre = at + radius * lanes
  const middle = kernel[radius]!
  for (let i = 0; i < end; i++) sums[i] = middle * padded[centre + i]!
  for (let k = 1; k <= radius; k++) {
    const weight = kernel[radius + k]!
    const before = centre - k * lanes
    const after = centre + k * lanes
    for (let i = 0; i < end; i++) sums[i]! += weight * (padded[before + i]! + padded[after + i]!)
  }
}

/**
 * Adds normal noise of deviation `sigma`, in parts of 255, to every value but alpha.
 *
 * @throws ValueError when sigma is below 0
 */
export function gaussianNoise(image: Image, sigma: number, generator: Generator): Image {
  if (!(sigma >= 0 && Number.isFinite(sigma))) {
    throw new ValueError(`gaussianNoise: sigma must be from 0: ${sigma}`)
  }
  const { channels, data } = image
  const normal = normalSource(generator)
  const result = new Uint8ClampedArray(data.length)
  for (let i = 0; i < data.length; i++) {
    result[i] = channels === 4 && (i & 3) === 3 ? data[i]! : data[i]! + 255 * sigma * normal()
  }
  return { ...image, data: new Uint8Array(result.buffer) }
}

/** Turns about `amount` of the pixels black or white. @throws ValueError unless amount is from 0 to 1 */
export function saltAndPepper(image: Image, amount: number, generator: Generator): Image {
  if (!(amount >= 0 && amount <= 1)) {
    throw new ValueError(`saltAndPepper: amount must be from 0 to 1: ${amount}`)
  }
  const { channels, data } = image
  const uniform = noiseSource(generator)
  const result = data.slice()
  for (let i = 0; i < data.length; i += channels) {
    const drawn = uniform()
    if (drawn < amount) result.fill(drawn < amount / 2 ? 0 : 255, i, i + Math.min(channels, 3))
  }
  return { ...image, data: result }
}
