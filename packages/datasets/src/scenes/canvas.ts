import type { Generator } from '@badak/tensor'
import { type Colour, colourOf } from './colours.ts'

/** A picture in the making: red, green, blue of each pixel, from 0 to 255. */
export interface Canvas {
  readonly width: number
  readonly height: number
  readonly pixels: Float32Array
}

/** A number between two. */
export function between(generator: Generator, least: number, most: number): number {
  return least + (most - least) * generator.uniform()
}

/** One of some. */
export function oneOf<T>(generator: Generator, items: readonly T[]): T {
  return items[generator.integers(items.length)]!
}

/** Any colour, dull ones more often than gaudy ones, as in photographs. */
export function anyColour(generator: Generator): Colour {
  const [hue, chroma] = [generator.uniform(), generator.uniform()]
  return colourOf(hue, chroma * chroma, between(generator, 0.12, 1))
}

/** Between two colours. */
export function mix(a: Colour, b: Colour, share: number): Colour {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share]
}
