import { ValueError } from '@badak/tensor'
import { type Channels, checkChannels, checkImage, type Image } from './image.ts'

/**
 * The same picture with other channels, as Pillow's `convert` has them: grey from colour is
 * `0.299 R + 0.587 G + 0.114 B`, rounded; alpha is dropped, or added as opaque. `composite` lays a transparent picture
 * on a background instead.
 *
 * @throws ValueError when there are no such channels
 *
 * @example
 * ```ts
 * const grey = convert(image, 1)
 * ```
 */
export function convert(image: Image, channels: Channels): Image {
  checkImage('convert', image)
  checkChannels('convert', channels)
  if (image.channels === channels) return image
  const { width, height, channels: stored, data } = image
  const out = new Uint8Array(width * height * channels)
  if (channels === 1) lightness(data, stored, out)
  else if (stored === 1) spread(data, out, channels)
  else recolour(data, stored, out, channels)
  return { width, height, channels, data: out }
}

function lightness(data: Uint8Array, stored: number, out: Uint8Array): void {
  for (let to = 0, from = 0; to < out.length; to++, from += stored)
    out[to] = luma(data[from]!, data[from + 1]!, data[from + 2]!)
}

/** Grey in each colour. */
function spread(data: Uint8Array, out: Uint8Array, channels: number): void {
  for (let from = 0, to = 0; from < data.length; from++, to += channels) {
    const grey = data[from]!
    out[to] = grey
    out[to + 1] = grey
    out[to + 2] = grey
    if (channels === 4) out[to + 3] = 255
  }
}

/** Adds alpha or drops it. */
function recolour(data: Uint8Array, stored: number, out: Uint8Array, channels: number): void {
  for (let from = 0, to = 0; from < data.length; from += stored, to += channels) {
    out[to] = data[from]!
    out[to + 1] = data[from + 1]!
    out[to + 2] = data[from + 2]!
    if (channels === 4) out[to + 3] = 255
  }
}

/** ITU-R BT.601, in Pillow's 16-bit fixed point. */
function luma(red: number, green: number, blue: number): number {
  return (Math.imul(red, 19595) + Math.imul(green, 38470) + Math.imul(blue, 7471) + 0x8000) >> 16
}

/**
 * A transparent picture on a background of one colour, and so opaque: `alpha · picture + (1 − alpha) · background`,
 * rounded. A picture without alpha comes back as it is.
 *
 * @param background a grey or red, green and blue, from 0 to 255; default white
 * @throws ValueError when the background is no such colour
 *
 * @example
 * ```ts
 * const onBlack = composite(emoji, 0)
 * ```
 */
export function composite(
  image: Image,
  background: number | readonly [red: number, green: number, blue: number] = 255,
): Image {
  checkImage('composite', image)
  const colour = typeof background === 'number' ? [background, background, background] : background
  if (colour.length !== 3 || !colour.every((value) => value >= 0 && value <= 255))
    throw new ValueError(`composite: a background is a grey or three channels from 0 to 255: ${background}`)
  const { width, height, channels, data } = image
  if (channels !== 4) return image
  const out = new Uint8Array(width * height * 3)
  for (let from = 0, to = 0; from < data.length; from += 4) {
    const alpha = data[from + 3]!
    for (let channel = 0; channel < 3; channel++)
      out[to++] = Math.round((data[from + channel]! * alpha + colour[channel]! * (255 - alpha)) / 255)
  }
  return { width, height, channels: 3, data: out }
}
