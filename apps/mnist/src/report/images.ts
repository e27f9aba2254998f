import { encode } from 'fast-png'
import type { WeightImage } from '../run.ts'

/** A picture as a page can hold it. */
export type DataUri = string

/** Dark ink on paper: MNIST pixels, 0 for paper. */
export function digitImage(pixels: Uint8Array): DataUri {
  return png(
    28,
    28,
    1,
    pixels.map((ink) => 255 - ink),
  )
}

/**
 * One picture for each unit of a first layer: blue for negative weights, red for positive, white for zero.
 *
 * @param weight `[units, 1, H, W]`, or `[units, 784]`, which is seen as 28 × 28
 * @param scale the weight that gets full colour
 */
export function filterImages({ data, shape }: WeightImage, scale: number): DataUri[] {
  const [units, , height = 28, width = 28] = shape as [number, number, number?, number?]
  const size = height * width
  return Array.from({ length: units }, (_, unit) => {
    const rgb = new Uint8Array(size * 3)
    for (let i = 0; i < size; i++) rgb.set(diverging(data[unit * size + i]! / scale), i * 3)
    return png(width, height, 3, rgb)
  })
}

/** The largest magnitude, but for the outermost hundredth. */
export function robustScale(data: Float32Array): number {
  const sorted = data.map(Math.abs).toSorted()
  return sorted[Math.floor(0.99 * (sorted.length - 1))]! || 1
}

const negative = [33, 102, 172] as const
const positive = [214, 69, 45] as const

/** From −1 (blue) through 0 (white) to 1 (red). */
function diverging(value: number): number[] {
  const end = value < 0 ? negative : positive
  const share = Math.min(1, Math.abs(value))
  return end.map((channel) => Math.round(250 + (channel - 250) * share))
}

function png(width: number, height: number, channels: 1 | 3, data: Uint8Array): DataUri {
  const file = encode({ width, height, channels, depth: 8, data })
  return `data:image/png;base64,${Buffer.from(file).toString('base64')}`
}
