import type { Rectangle } from '../crop.ts'
import type { Image } from '../image.ts'

/** The pixel in which the centre of the new one lies. */
export function nearest(image: Image, area: Rectangle, height: number, width: number): Image {
  const { channels, data } = image
  const columns = positions(area.width, width)
  const rows = positions(area.height, height)
  const out = new Uint8Array(height * width * channels)
  let to = 0
  for (const row of rows) {
    const line = ((area.top + row) * image.width + area.left) * channels
    for (let x = 0; x < width; x++) {
      const from = line + columns[x]! * channels
      for (let channel = 0; channel < channels; channel++) out[to++] = data[from + channel]!
    }
  }
  return { width, height, channels, data: out }
}

/** Added up rather than multiplied, as Pillow does: at a pixel's edge the rounding decides. */
function positions(from: number, to: number): Int32Array {
  const scale = from / to
  let position = scale * 0.5
  return Int32Array.from({ length: to }, () => {
    const whole = Math.min(from - 1, Math.floor(position))
    position += scale
    return whole
  })
}
