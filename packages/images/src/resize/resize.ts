import { ShapeError, ValueError } from '@badak/tensor'
import { checkWithin, crop, type Rectangle } from '../crop.ts'
import { checkImage, type Image } from '../image.ts'
import { type Filter, filters } from './filters.ts'
import { nearest } from './nearest.ts'
import { resample } from './resample.ts'

/** How the pixels of a resized picture come from those it had. */
export type ResizeFilter = 'nearest' | 'box' | 'bilinear' | 'bicubic' | 'lanczos'

/** How `resize` works. */
export interface ResizeOptions {
  /** Default `'bilinear'`, as in torchvision. */
  readonly filter?: ResizeFilter
  /** What is resized; default: the whole picture. The result is that of `crop` and `resize`, without the copy. */
  readonly area?: Rectangle
}

/**
 * The picture in another size, as Pillow's `Image.resize` makes it, to the bit: antialiased where it gets smaller,
 * and with a transparent picture's colours weighted by their alpha.
 *
 * @param size the shorter side, in pixels (the other one keeps the ratio, rounded down, as torchvision's `Resize`
 *   has it), or `[height, width]`
 * @throws ShapeError when the size is not one of whole pixels
 * @throws ValueError when there is no such filter, or the area does not lie within the picture
 *
 * @example
 * ```ts
 * const small = resize(photo, 256)
 * const square = resize(photo, [224, 224], { filter: 'bicubic' })
 * ```
 */
export function resize(
  image: Image,
  size: number | readonly [height: number, width: number],
  { filter = 'bilinear', area }: ResizeOptions = {},
): Image {
  checkImage('resize', image)
  const part = area ?? { top: 0, left: 0, height: image.height, width: image.width }
  if (area) checkWithin('resize', image, area)
  const [height, width] = typeof size === 'number' ? withShorterSide(part, size) : size
  if (![height, width].every((side) => Number.isInteger(side) && side > 0))
    throw new ShapeError(`resize: a size is of whole pixels, one at least: ${size}`)
  if (filter !== 'nearest' && !Object.hasOwn(filters, filter))
    throw new ValueError(`resize: a filter is nearest, ${Object.keys(filters).join(', ')}: ${filter}`)
  if (height === part.height && width === part.width)
    return height === image.height && width === image.width ? image : crop(image, part)
  if (filter === 'nearest') return nearest(image, part, height, width)
  if (image.channels === 4) return resampleTransparent(image, part, height, width, filters[filter])
  return resample(image, part, height, width, filters[filter])
}

function withShorterSide(
  { height, width }: { readonly height: number; readonly width: number },
  size: number,
): readonly [number, number] {
  const long = Math.max(1, Math.trunc((size * Math.max(height, width)) / Math.min(height, width)))
  return height <= width ? [size, long] : [long, size]
}

/** Colours under no alpha may not bleed out: they are multiplied by it before, and divided afterwards. */
function resampleTransparent(
  image: Image,
  area: Rectangle,
  height: number,
  width: number,
  filter: Filter,
): Image {
  const premultiplied = crop(image, area)
  multiplyByAlpha(premultiplied.data)
  const whole = { ...area, top: 0, left: 0 }
  const result = resample(premultiplied, whole, height, width, filter)
  const { data } = result
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3]!
    if (alpha === 0 || alpha === 255) continue
    for (let channel = at; channel < at + 3; channel++)
      data[channel] = Math.min(255, Math.trunc((255 * data[channel]!) / alpha))
  }
  return result
}

function multiplyByAlpha(data: Uint8Array): void {
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3]!
    if (alpha === 255) continue
    data[at] = multiply(data[at]!, alpha)
    data[at + 1] = multiply(data[at + 1]!, alpha)
    data[at + 2] = multiply(data[at + 2]!, alpha)
  }
}

/** `a · b / 255`, rounded, without a division. */
function multiply(a: number, b: number): number {
  const product = a * b + 128
  return ((product >> 8) + product) >> 8
}
