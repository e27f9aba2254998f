import { convert, type Image } from '@badak/images'
import { ValueError } from '@badak/tensor'

// Factors are those of torchvision: 0 is black, the mean grey, grey or blurred, 1 the image as it is, above 1
// more of it. The results are those of Pillow's ImageEnhance. An alpha channel stays as it is.

function checkFactor(operation: string, factor: number): void {
  if (!(factor >= 0 && Number.isFinite(factor))) {
    throw new ValueError(`${operation}: factor must be a number from 0: ${factor}`)
  }
}

/**
 * `from + factor · (to − from)`, in single precision and rounded down, as Pillow's `blend`; within a byte.
 */
function blend(from: number, to: number, factor: number): number {
  const value = Math.fround(from + Math.fround(factor * (to - from)))
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
  let sum = 0
  for (const grey of convert(image, 1).data) sum += grey
  return towards(image, Math.floor(sum / (image.width * image.height) + 0.5), factor)
}

/** Every value blended with one and the same. */
function towards(image: Image, level: number, factor: number): Image {
  const { channels, data } = image
  const single = Math.fround(factor)
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
  const single = Math.fround(factor)
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
  for (let i = 0, at = 0; i < data.length; i += channels) result.fill(greys[at++]!, i, i + 3)
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

/** One pixel to hue, saturation and value in bytes, and back: Pillow's conversions. */
function turnHue(data: Uint8Array, result: Uint8Array, i: number, shift: number): void {
  const r = data[i]!
  const g = data[i + 1]!
  const b = data[i + 2]!
  const value = Math.max(r, g, b)
  const range = value - Math.min(r, g, b)
  if (range === 0) return
  const { fround } = Math
  const rc = fround((value - r) / range)
  const gc = fround((value - g) / range)
  const bc = fround((value - b) / range)
  const sextant = fround(r === value ? fround(bc - gc) : g === value ? 2 + rc - bc : 4 + gc - rc)
  // From 5/6 to 11/6: its part behind the point, without a division.
  const turns = sextant / 6 + 1
  const hue = (((fround(turns < 1 ? turns : turns - 1) * 255) | 0) + shift + 256) & 0xff
  const saturation = (fround(range / value) * 255) | 0
  const sixth = (hue * 6) / 255
  const whole = sixth | 0
  const part = fround(sixth - whole)
  const s = fround(saturation / 255)
  const p = (value * (1 - s) + 0.5) | 0
  const q = (value * (1 - s * part) + 0.5) | 0
  const t = (value * (1 - s * (1 - part)) + 0.5) | 0
  const sector = whole === 6 ? 0 : whole
  result[i] = sector === 0 || sector === 5 ? value : sector === 1 ? q : sector === 4 ? t : p
  result[i + 1] = sector === 1 || sector === 2 ? value : sector === 0 ? t : sector === 3 ? q : p
  result[i + 2] = sector === 3 || sector === 4 ? value : sector === 2 ? t : sector === 5 ? q : p
}
