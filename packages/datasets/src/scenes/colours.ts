/** Red, green, blue, from 0 to 255. */
export type Colour = readonly [number, number, number]

/** What colours are called, with one that is well seen for each. */
export const inks: Readonly<Record<string, Colour>> = {
  red: [222, 45, 45],
  orange: [245, 135, 25],
  yellow: [250, 214, 50],
  green: [60, 165, 65],
  blue: [45, 105, 220],
  purple: [140, 70, 190],
  pink: [245, 125, 180],
  brown: [130, 80, 45],
  black: [35, 35, 40],
  grey: [140, 142, 146],
  white: [248, 248, 248],
}

/** Hue in turns, saturation and value from 0 to 1. */
function hsvOf(red: number, green: number, blue: number): readonly [number, number, number] {
  const most = Math.max(red, green, blue)
  const range = most - Math.min(red, green, blue)
  if (range === 0) return [0, 0, most / 255]
  let sixths = (red - green) / range + 4
  if (most === red) sixths = ((green - blue) / range + 6) % 6
  else if (most === green) sixths = (blue - red) / range + 2
  return [sixths / 6, range / most, most / 255]
}

/** The inverse of `hsvOf`. */
export function colourOf(hue: number, saturation: number, value: number): Colour {
  const channel = (offset: number): number => {
    const k = (offset + hue * 6) % 6
    return 255 * value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1)))
  }
  return [channel(5), channel(3), channel(1)]
}

/** What people call a colour; the bounds are those between which the sprites agree with their names. */
function colourName(red: number, green: number, blue: number): string {
  const [hue, saturation, value] = hsvOf(red, green, blue)
  const degrees = hue * 360
  if (value < 0.33) return 'black'
  if (saturation < 0.2) return value > 0.8 ? 'white' : 'grey'
  if (degrees >= 10 && degrees < 45 && (value < 0.7 || (value < 0.92 && saturation < 0.6))) return 'brown'
  if (degrees < 18 || degrees >= 345) return saturation < 0.6 && value > 0.75 ? 'pink' : 'red'
  if (degrees < 38) return 'orange'
  if (degrees < 68) return 'yellow'
  if (degrees < 170) return 'green'
  if (degrees < 250) return 'blue'
  return degrees < 295 ? 'purple' : 'pink'
}

/**
 * The colour of what is drawn on a transparent ground: the name that at least half of it has; undefined when it
 * has many colours.
 *
 * @param rgba four bytes a pixel; `alpha` weighs
 */
export function dominantColour(rgba: Uint8Array): string | undefined {
  const shares = new Map<string, number>()
  let whole = 0
  for (let i = 0; i < rgba.length; i += 4) {
    const alpha = rgba[i + 3]!
    if (alpha < 128) continue
    const colour = colourName(rgba[i]!, rgba[i + 1]!, rgba[i + 2]!)
    shares.set(colour, (shares.get(colour) ?? 0) + alpha)
    whole += alpha
  }
  for (const [colour, share] of shares) if (share >= whole / 2) return colour
  return undefined
}
