import type { Image } from '@badak/images'
import { ValueError } from '@badak/tensor'

// What these do to a value is a function of the value alone (and of how often each one occurs). The results
// are those of Pillow's ImageOps. An alpha channel stays as it is.

/** An image through a table for each channel, or one for all; alpha stays. */
function mapped(image: Image, tables: readonly Uint8Array[]): Image {
  const { channels, data } = image
  const result = new Uint8Array(data.length)
  if (channels === 1) {
    const [table] = tables as [Uint8Array]
    for (let i = 0; i < data.length; i++) result[i] = table[data[i]!]!
    return { ...image, data: result }
  }
  const [r, g, b] = [tables[0]!, tables[1] ?? tables[0]!, tables[2] ?? tables[0]!]
  for (let i = 0; i < data.length; i += channels) {
    result[i] = r[data[i]!]!
    result[i + 1] = g[data[i + 1]!]!
    result[i + 2] = b[data[i + 2]!]!
    if (channels === 4) result[i + 3] = data[i + 3]!
  }
  return { ...image, data: result }
}

/** `of(value)` for each of 256 values, rounded down and kept within 0 and 255. */
function table(of: (value: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, value) => Math.min(Math.max(Math.trunc(of(value)), 0), 255))
}

/** How often each value occurs, for each channel but alpha. */
function histograms({ channels, data }: Image): Uint32Array[] {
  const counts = Array.from({ length: Math.min(channels, 3) }, () => new Uint32Array(256))
  for (const [c, count] of counts.entries())
    for (let i = c; i < data.length; i += channels) count[data[i]!]!++
  return counts
}

/** The negative: 255 − value. */
export function invert(image: Image): Image {
  return mapped(image, [table((value) => 255 - value)])
}

/** Keeps the uppermost bits of each value. @throws ValueError unless bits is an integer from 0 to 8 */
export function posterize(image: Image, bits: number): Image {
  if (!(Number.isInteger(bits) && bits >= 0 && bits <= 8)) {
    throw new ValueError(`posterize: bits must be an integer from 0 to 8: ${bits}`)
  }
  const mask = 0xff00 >> bits
  return mapped(image, [table((value) => value & mask & 0xff)])
}

/** The negative of the values that are not below `threshold`. */
export function solarize(image: Image, threshold: number): Image {
  return mapped(image, [table((value) => (value < threshold ? value : 255 - value))])
}

/** Stretches each channel so that its darkest value is 0 and its lightest 255. */
export function autocontrast(image: Image): Image {
  const tables = histograms(image).map((counts) => {
    const low = counts.findIndex((count) => count > 0)
    const high = counts.findLastIndex((count) => count > 0)
    if (high <= low) return table((value) => value)
    const scale = 255 / (high - low)
    return table((value) => value * scale - low * scale)
  })
  return mapped(image, tables)
}

/** Changes each channel so that all values are about equally frequent. */
export function equalize(image: Image): Image {
  const tables = histograms(image).map((counts) => {
    const last = counts.findLastIndex((count) => count > 0)
    const total = counts.reduce((sum, count) => sum + count, 0)
    const step = last < 0 ? 0 : Math.floor((total - counts[last]!) / 255)
    if (step === 0) return table((value) => value)
    let seen = Math.floor(step / 2)
    return table((value) => {
      const level = Math.floor(seen / step)
      seen += counts[value]!
      return level
    })
  })
  return mapped(image, tables)
}
