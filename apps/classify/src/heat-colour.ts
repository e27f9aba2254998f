/**
 * The colour of an amount from 0 to 1 in a heat map, with alpha: 0 is transparent, small amounts are yellow, large
 * ones red to purple. Hues and lightness fall together, so that it reads without colours, too.
 */
export function heatColour(amount: number): [red: number, green: number, blue: number, alpha: number] {
  const share = Math.min(1, Math.max(0, amount))
  const place = share * (stops.length - 1)
  const [from, to] = [stops[Math.floor(place)]!, stops[Math.ceil(place)]!]
  const part = place - Math.floor(place)
  const mix = (channel: 0 | 1 | 2): number => Math.round(from[channel] + (to[channel] - from[channel]) * part)
  return [mix(0), mix(1), mix(2), Math.round(255 * Math.min(1, 1.6 * share))]
}

const stops = [
  [255, 236, 160],
  [254, 178, 76],
  [240, 80, 60],
  [180, 20, 80],
] as const
