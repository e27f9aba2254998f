import { ValueError } from '@badak/tensor'
import { checkImage, type Image } from './image.ts'

/** A rectangle of whole pixels. */
export interface Rectangle {
  /** Rows above it. */
  readonly top: number
  /** Columns left of it. */
  readonly left: number
  readonly height: number
  readonly width: number
}

/**
 * A rectangle of a picture, copied.
 *
 * @throws ValueError when it does not lie within the picture
 *
 * @example
 * ```ts
 * const middle = crop(image, { top: 16, left: 16, height: 224, width: 224 })
 * ```
 */
export function crop(image: Image, area: Rectangle): Image {
  checkImage('crop', image)
  checkWithin('crop', image, area)
  const { top, left, height, width } = area
  const { channels, data } = image
  const out = new Uint8Array(height * width * channels)
  for (let row = 0; row < height; row++) {
    const start = ((top + row) * image.width + left) * channels
    out.set(data.subarray(start, start + width * channels), row * width * channels)
  }
  return { width, height, channels, data: out }
}

/** @throws ValueError when a rectangle does not lie within a picture @internal */
export function checkWithin(operation: string, image: Image, { top, left, height, width }: Rectangle): void {
  const whole = [top, left, height, width].every((value) => Number.isInteger(value) && value >= 0)
  if (!whole || height < 1 || width < 1 || top + height > image.height || left + width > image.width)
    throw new ValueError(
      `${operation}: ${height}x${width} at row ${top}, column ${left} is not within ${image.height}x${image.width}`,
    )
}
