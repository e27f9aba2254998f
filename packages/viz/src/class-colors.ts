/** As unlike each other as twenty colours can be on which white letters are to be read. */
const distinct = [
  '#d81e4a',
  '#2f7fe0',
  '#2c9a3e',
  '#e2701c',
  '#8b2fc4',
  '#0d93a8',
  '#b0830a',
  '#d836b4',
  '#6b7a10',
  '#8a4b1f',
  '#4049c9',
  '#12806a',
  '#e0567a',
  '#7a6fd0',
  '#6a1136',
  '#5b6573',
  '#c2571f',
  '#1c5c9a',
  '#4f8f1f',
  '#a3508f',
] as const

/** Colours for classes, as `#rrggbb`; the first, for what is no object, is black. After twenty they come again. */
export function classColors(count: number): string[] {
  return Array.from({ length: count }, (_, k) => (k === 0 ? '#000000' : distinct[(k - 1) % distinct.length]!))
}

/**
 * The colours in which Pascal VOC's masks are published, as `#rrggbb`: the bits of a class's number, from the last,
 * three at a time into the highest bits of red, green and blue. Class 255, the border, is `#e0e0c0`.
 *
 * @see Everingham et al. 2010, "The Pascal visual object classes (VOC) challenge"; VOClabelcolormap of its
 *   development kit
 */
export function vocColors(count: number): string[] {
  return Array.from({ length: count }, (_, k) => {
    const channels = [0, 0, 0]
    for (let bit = 7, rest = k; rest > 0; bit--, rest >>= 3) {
      for (let c = 0; c < 3; c++) channels[c]! |= ((rest >> c) & 1) << bit
    }
    return hexOf(channels)
  })
}

function hexOf(channels: readonly number[]): string {
  return `#${channels.map((value) => value.toString(16).padStart(2, '0')).join('')}`
}

/** Red, green and blue of `#rrggbb`. */
export function rgbOf(color: string): [number, number, number] {
  const value = Number.parseInt(color.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}
