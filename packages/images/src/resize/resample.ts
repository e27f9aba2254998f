import type { Image } from '../image.ts'
import { type Coefficients, coefficientsOf, PRECISION_BITS } from './coefficients.ts'
import type { Filter } from './filters.ts'

/** Lines first, then columns, each rounded to 8 bits. */
export function resample(image: Image, height: number, width: number, filter: Filter): Image {
  let result = image
  if (width !== image.width) result = resampleRows(result, width, filter)
  if (height !== image.height) result = resampleColumns(result, height, filter)
  return result
}

function resampleRows({ width, height, channels, data }: Image, outWidth: number, filter: Filter): Image {
  const { first, count, weights, size } = coefficientsOf(width, outWidth, filter)
  const out = new Uint8Array(height * outWidth * channels)
  let to = 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < outWidth; x++) {
      const start = (y * width + first[x]!) * channels
      for (let channel = 0; channel < channels; channel++) {
        let sum = HALF
        let from = start + channel
        for (let j = x * size, end = j + count[x]!; j < end; j++, from += channels)
          sum += data[from]! * weights[j]!
        out[to++] = clip(sum)
      }
    }
  }
  return { width: outWidth, height, channels, data: out }
}

function resampleColumns({ width, height, channels, data }: Image, outHeight: number, filter: Filter): Image {
  const coefficients = coefficientsOf(height, outHeight, filter)
  const row = width * channels
  const out = new Uint8Array(outHeight * row)
  const sums = new Int32Array(row)
  for (let y = 0; y < outHeight; y++) {
    addRows(sums, data, y, coefficients)
    for (let x = 0, to = y * row; x < row; x++) out[to + x] = clip(sums[x]!)
  }
  return { width, height: outHeight, channels, data: out }
}

/** Row by row rather than pixel by pixel: memory is read in its order. */
function addRows(sums: Int32Array, data: Uint8Array, y: number, coefficients: Coefficients): void {
  const { first, count, weights, size } = coefficients
  sums.fill(HALF)
  for (let j = 0; j < count[y]!; j++) {
    const weight = weights[y * size + j]!
    const start = (first[y]! + j) * sums.length
    for (let x = 0; x < sums.length; x++) sums[x]! += data[start + x]! * weight
  }
}

const HALF = 2 ** (PRECISION_BITS - 1)

function clip(sum: number): number {
  const value = sum >> PRECISION_BITS
  return value < 0 ? 0 : value > 255 ? 255 : value
}
