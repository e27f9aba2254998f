import type { Rectangle } from '../crop.ts'
import type { Image } from '../image.ts'
import { type Coefficients, coefficientsOf, HALF, PRECISION_BITS } from './coefficients.ts'
import type { Filter } from './filters.ts'
import { type RowResampler, rowResamplers } from './rows.ts'

const { imul } = Math

/** Where the pixels of an image, or of a rectangle of it, lie. */
interface Part {
  readonly data: Uint8Array
  /** Of its first value. */
  readonly offset: number
  /** From a line to the next. */
  readonly stride: number
  /** In values. */
  readonly row: number
  readonly height: number
}

/** Lines first, then columns, each rounded to 8 bits. Nothing outside of the area is read. */
export function resample(
  { width: stored, channels, data }: Image,
  area: Rectangle,
  height: number,
  width: number,
  filter: Filter,
): Image {
  const stride = stored * channels
  const offset = area.top * stride + area.left * channels
  let part: Part = { data, offset, stride, row: area.width * channels, height: area.height }
  const out = { width, height, channels }
  if (width !== area.width) {
    const coefficients = coefficientsOf(area.width, width, filter)
    const resampled = resampleRows(part, coefficients, width * channels, rowResamplers[channels])
    if (height === area.height) return { ...out, data: resampled }
    part = {
      data: resampled,
      offset: 0,
      stride: width * channels,
      row: width * channels,
      height: area.height,
    }
  }
  return { ...out, data: resampleColumns(part, coefficientsOf(area.height, height, filter), height) }
}

function resampleRows(
  from: Part,
  coefficients: Coefficients,
  row: number,
  resampler: RowResampler,
): Uint8Array<ArrayBuffer> {
  const out = new Uint8ClampedArray(from.height * row)
  for (let y = 0; y < from.height; y++)
    resampler(from.data, from.offset + y * from.stride, coefficients, out, y * row)
  return new Uint8Array(out.buffer)
}

/** Line by line rather than column by column: memory is read in its order. */
function resampleColumns(from: Part, coefficients: Coefficients, height: number): Uint8Array<ArrayBuffer> {
  const { row } = from
  const out = new Uint8ClampedArray(height * row)
  const sums = new Int32Array(row)
  for (let y = 0; y < height; y++) {
    const count = coefficients.count[y]!
    if (count <= 4) {
      sumOfFour(from, coefficients, y, out, y * row)
      continue
    }
    sums.fill(HALF)
    for (let j = 0; j < count; j += 4) addFour(from, coefficients, y, j, sums)
    for (let x = 0, to = y * row; x < row; x++) out[to + x] = sums[x]! >> PRECISION_BITS
  }
  return new Uint8Array(out.buffer)
}

/** A line of a result that is made of four lines at most. */
function sumOfFour(
  from: Part,
  coefficients: Coefficients,
  y: number,
  out: Uint8ClampedArray,
  to: number,
): void {
  const [a, b, c, d] = fourLines(from, coefficients, y, 0)
  const [p, q, r, s] = fourWeights(coefficients, y, 0)
  if (r === 0 && s === 0) {
    for (let x = 0; x < a.length; x++)
      out[to + x] = (HALF + imul(a[x]!, p) + imul(b[x]!, q)) >> PRECISION_BITS
    return
  }
  for (let x = 0; x < a.length; x++) {
    out[to + x] = (HALF + imul(a[x]!, p) + imul(b[x]!, q) + imul(c[x]!, r) + imul(d[x]!, s)) >> PRECISION_BITS
  }
}

/** Sums are read and written once for four lines. */
function addFour(from: Part, coefficients: Coefficients, y: number, j: number, sums: Int32Array): void {
  const [a, b, c, d] = fourLines(from, coefficients, y, j)
  const [p, q, r, s] = fourWeights(coefficients, y, j)
  for (let x = 0; x < sums.length; x++)
    sums[x] = (sums[x]! + imul(a[x]!, p) + imul(b[x]!, q) + imul(c[x]!, r) + imul(d[x]!, s)) | 0
}

type Four<T> = readonly [T, T, T, T]

/** The lines that a pixel is made of, from the j-th on; after the last of them, the last one again. */
function fourLines(
  { data, offset, stride, row }: Part,
  { first, count }: Coefficients,
  y: number,
  j: number,
): Four<Uint8Array> {
  const line = (k: number): Uint8Array => {
    const start = offset + (first[y]! + Math.min(j + k, count[y]! - 1)) * stride
    return data.subarray(start, start + row)
  }
  return [line(0), line(1), line(2), line(3)]
}

/** Their weights; after the last one, 0. */
function fourWeights({ weights, count, size }: Coefficients, y: number, j: number): Four<number> {
  const weight = (k: number): number => (j + k < count[y]! ? weights[y * size + j + k]! : 0)
  return [weight(0), weight(1), weight(2), weight(3)]
}
