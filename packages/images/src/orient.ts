import type { Orientation } from './header.ts'
import type { Image } from './image.ts'

/** Whether the stored axes are exchanged: orientations 5 to 8. */
export function isTransposed(orientation: Orientation): boolean {
  return orientation >= 5
}

/** Turns and mirrors a picture as its orientation says it is to be seen. */
export function orient(image: Image, orientation: Orientation): Image {
  if (orientation === 1) return image
  const { width, height, channels, data } = image
  const transposed = isTransposed(orientation)
  const [outWidth, outHeight] = transposed ? [height, width] : [width, height]
  // Orientations by where the stored row 0 and column 0 appear: 2, 3, 7, 8 have columns from the far side, …
  const flipX = [2, 3, 7, 8].includes(orientation)
  const flipY = [3, 4, 6, 7].includes(orientation)
  const out = new Uint8Array(data.length)
  let to = 0
  for (let y = 0; y < outHeight; y++) {
    for (let x = 0; x < outWidth; x++) {
      const [column, row] = transposed ? [y, x] : [x, y]
      const from =
        ((flipY ? height - 1 - row : row) * width + (flipX ? width - 1 - column : column)) * channels
      for (let channel = 0; channel < channels; channel++) out[to++] = data[from + channel]!
    }
  }
  return { width: outWidth, height: outHeight, channels, data: out }
}
