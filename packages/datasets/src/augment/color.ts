import { convert, type Image } from '@badak/images'
import { ValueError } from '@badak/tensor'

// Factors are those of torchvision: 0 is black, the mean grey, grey or blurred, 1 the image as it is, above 1
// more of it. The results are those of Pillow's ImageEnhance. An alpha channel stays as it is.

const { fround } = Math

function checkFactor(operation: string, factor: number): void {
  if (!(factor >= 0 && Number.isFinite(factor))) {
    throw new ValueError(`${operation}: factor must be a number from 0: ${factor}`)
  }
}

/**
 * `from + factor · (to − from)`, in single precision and rounded down, as Pillow's `blend`; within a byte.
 */
function blend(from: number, to: number, factor: number): number {
  const value = fround(from + fround(factor * (to - from)))
  return value <= 0 ? 0 : value >= 255 ? 255 : value
}

/** Every value times `factor`. @throws ValueError when the factor is below 0 */
export function adjustBrightness(image: Image, factor: number): Image {
  checkFactor('adjustBrightness', factor)
  return towards(image, 0, factor)
}

/** Away from or towards the mean lightness of the image. @throws ValueError when the factor is below 0 */
export function adjustContrast(image: Image, factor: number): Image {
  checkFactor('adjustContrast', factor)
  const greys = convert(image, 1).data
  let sum = 0
  for (let i = 0; i < greys.length; i++) sum += greys[i]!
  return towards(image, Math.floor(sum / greys.length + 0.5), factor)
}

/** Every value blended with one and the same. */
function towards(image: Image, level: number, factor: number): Image {
  const { channels, data } = image
  const single = fround(factor)
  const table = Uint8Array.from({ length: 256 }, (_, value) => blend(level, value, single))
  const result = new Uint8Array(data.length)
  for (let i = 0; i < data.length; i++) result[i] = table[data[i]!]!
  if (channels === 4) for (let i = 3; i < data.length; i += 4) result[i] = data[i]!
  return { ...image, data: result }
}

/** Away from or towards grey. @throws ValueError when the factor is below 0 */
export function adjustSaturation(image: Image, factor: number): Image {
  checkFactor('adjustSaturation', factor)
  const { channels, data } = image
  if (channels === 1) return image
  const single = fround(factor)
  const result = data.slice()
  const greys = convert(image, 1).data
  for (let i = 0, at = 0; i < data.length; i += channels) {
    const grey = greys[at++]!
    result[i] = blend(grey, data[i]!, single)
    result[i + 1] = blend(grey, data[i + 1]!, single)
    result[i + 2] = blend(grey, data[i + 2]!, single)
  }
  return { ...image, data: result }
}

/** The lightness of each pixel for red, green and blue alike, in as many channels as before. */
export function grayscale(image: Image): Image {
  const { channels, data } = image
  if (channels === 1) return image
  const result = data.slice()
  const greys = convert(image, 1).data
  for (let i = 0, at = 0; i < data.length; i += channels) {
    const grey = greys[at++]!
    result[i] = grey
    result[i + 1] = grey
    result[i + 2] = grey
  }
  return { ...image, data: result }
}

/**
 * Turns the circle of hues by `factor` of its length, in steps of 1/255 as torchvision and Pillow do: at ½,
 * red turns to cyan. Grey stays.
 *
 * @throws ValueError unless the factor is from −½ to ½
 */
export function adjustHue(image: Image, factor: number): Image {
  if (!(factor >= -0.5 && factor <= 0.5)) {
    throw new ValueError(`adjustHue: factor must be from -0.5 to 0.5: ${factor}`)
  }
  const { channels, data } = image
  if (channels === 1) return image
  const shift = Math.trunc(factor * 255)
  const result = data.slice()
  for (let i = 0; i < data.length; i += channels) turnHue(data, result, i, shift)
  return { ...image, data: result }
}

/** Of each hue: in which sixth of the circle it lies, and how far from its beginning. */
const sixths = Uint8Array.from({ length: 256 }, (_, hue) => ((hue * 6) / 255) % 6)
const parts = Float32Array.from({ length: 256 }, (_, hue) => (hue * 6) / 255 - Math.trunc((hue * 6) / 255))

/** One pixel to hue, saturation and value in bytes, and back: Pillow's conversions. */
function turnHue(data: Uint8Array, result: Uint8Array, i: number, shift: number): void {
  const r = data[i]!
  const g = data[i + 1]!
  const b = data[i + 2]!
  const value = r > g ? (r > b ? r : b) : g > b ? g : b
  const range = value - (r < g ? (r < b ? r : b) : g < b ? g : b)
  if (range === 0) return
  const hue = (hueOf(r, g, b, value, range) + shift + 256) & 0xff
  const s = fround(((fround(range / value) * 255) | 0) / 255)
  const part = parts[hue]!
  const p = (value * (1 - s) + 0.5) | 0
  const sixth = sixths[hue]!
  // Even sixths rise to the next colour, odd ones fall from the one before.
  const between = (value * (1 - s * (sixth & 1 ? part : 1 - part)) + 0.5) | 0
  result[i] = sixth === 0 || sixth === 5 ? value : sixth === 1 || sixth === 4 ? between : p
  result[i + 1] = sixth === 1 || sixth === 2 ? value : sixth === 0 || sixth === 3 ? between : p
  result[i + 2] = sixth === 3 || sixth === 4 ? value : sixth === 2 || sixth === 5 ? between : p
}

/** A byte. */
function hueOf(r: number, g: number, b: number, value: number, range: number): number {
  const from = (channel: number): number => fround((value - channel) / range)
  const sextant =
    r === value ? from(b) - from(g) : g === value ? 2 + from(r) - from(b) : 4 + from(g) - from(r)
  // From 5/6 to 11/6: its part behind the point, without a division.
  const turns = fround(sextant) / 6 + 1
  return (fround(turns < 1 ? turns : turns - 1) * 255) | 0
}
