import { type Coefficients, HALF, PRECISION_BITS } from './coefficients.ts'

/**
 * Makes a line of weighted sums of the pixels of another. There is one for each number of channels, so that a weight
 * is read once for all channels of a pixel, whose sums lie in registers.
 */
export type RowResampler = (
  data: Uint8Array,
  start: number,
  coefficients: Coefficients,
  out: Uint8ClampedArray,
  to: number,
) => void

const { imul } = Math

function oneChannel(
  data: Uint8Array,
  start: number,
  { first, count, weights, size }: Coefficients,
  out: Uint8ClampedArray,
  to: number,
): void {
  for (let x = 0, at = 0; x < first.length; x++, at += size) {
    let from = start + first[x]!
    let sum = HALF
    for (let j = at, end = at + count[x]!; j < end; j++) sum = (sum + imul(data[from++]!, weights[j]!)) | 0
    out[to + x] = sum >> PRECISION_BITS
  }
}

function threeChannels(
  data: Uint8Array,
  start: number,
  { first, count, weights, size }: Coefficients,
  out: Uint8ClampedArray,
  to: number,
): void {
  for (let x = 0, at = 0; x < first.length; x++, at += size, to += 3) {
    let from = start + 3 * first[x]!
    let red = HALF
    let green = HALF
    let blue = HALF
    for (let j = at, end = at + count[x]!; j < end; j++, from += 3) {
      const weight = weights[j]!
      red = (red + imul(data[from]!, weight)) | 0
      green = (green + imul(data[from + 1]!, weight)) | 0
      blue = (blue + imul(data[from + 2]!, weight)) | 0
    }
    out[to] = red >> PRECISION_BITS
    out[to + 1] = green >> PRECISION_BITS
    out[to + 2] = blue >> PRECISION_BITS
  }
}

function fourChannels(
  data: Uint8Array,
  start: number,
  { first, count, weights, size }: Coefficients,
  out: Uint8ClampedArray,
  to: number,
): void {
  for (let x = 0, at = 0; x < first.length; x++, at += size, to += 4) {
    let from = start + 4 * first[x]!
    let red = HALF
    let green = HALF
    let blue = HALF
    let alpha = HALF
    for (let j = at, end = at + count[x]!; j < end; j++, from += 4) {
      const weight = weights[j]!
      red = (red + imul(data[from]!, weight)) | 0
      green = (green + imul(data[from + 1]!, weight)) | 0
      blue = (blue + imul(data[from + 2]!, weight)) | 0
      alpha = (alpha + imul(data[from + 3]!, weight)) | 0
    }
    out[to] = red >> PRECISION_BITS
    out[to + 1] = green >> PRECISION_BITS
    out[to + 2] = blue >> PRECISION_BITS
    out[to + 3] = alpha >> PRECISION_BITS
  }
}

/** By the number of channels. */
export const rowResamplers = { 1: oneChannel, 3: threeChannels, 4: fourChannels } as const
