import * as Plot from '@observablehq/plot'
import { ValueError } from '@badak/tensor'

/**
 * A scale of colours, from the least to the greatest value. Lightness rises evenly, but for `turbo`, which
 * tells more values apart.
 */
export type ColorScale = 'viridis' | 'inferno' | 'magma' | 'plasma' | 'cividis' | 'turbo' | 'greys'

const colorScales: readonly ColorScale[] = [
  'viridis',
  'inferno',
  'magma',
  'plasma',
  'cividis',
  'turbo',
  'greys',
]

/** Red, green and blue, 0 to 255. */
export type RGB = readonly [red: number, green: number, blue: number]

const tables = new Map<ColorScale, readonly RGB[]>()

/**
 * The 256 colours of a scale, as matplotlib has them (D3's approximations of them).
 *
 * @throws ValueError when there is no such scale
 * @see Smith & van der Walt 2015, bids.github.io/colormap; Mikhailov 2019 for `turbo`
 */
export function colorTable(operation: string, name: ColorScale): readonly RGB[] {
  if (!colorScales.includes(name)) {
    throw new ValueError(
      `${operation}: unknown colours ${JSON.stringify(name)}: expected ${colorScales.slice(0, -1).join(', ')} or ` +
        colorScales.at(-1)!,
    )
  }
  const table = tables.get(name) ?? createTable(name)
  tables.set(name, table)
  return table
}

function createTable(name: ColorScale): RGB[] {
  const shades = Array.from({ length: 256 }, (_, i) => i / 255)
  if (name === 'greys') return shades.map((share): RGB => [share, share, share].map(toByte) as unknown as RGB)
  const scale = Plot.scale({ color: { type: 'linear', domain: [0, 1], scheme: name } })
  return shades.map((share) => readColor(scale.apply(share) as string))
}

function toByte(share: number): number {
  return Math.round(255 * share)
}

/** `#440154` or `rgb(68, 1, 84)`. */
function readColor(text: string): RGB {
  const parts = text.startsWith('#')
    ? [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16))
    : text.match(/[\d.]+/g)!.map((part) => Math.round(Number(part)))
  return parts as unknown as RGB
}
