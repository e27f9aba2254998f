import { type Image, type Rectangle, resize as resizeImage, type ResizeFilter } from '@badak/images'
import { ValueError } from '@badak/tensor'
import type { BoxOptions } from './box-geometry.ts'
import { redraw } from './geometry.ts'
import { product, scaling, translation } from './homography.ts'
import type { Sample } from './sample.ts'
import type { FixedTransform } from './transform.ts'

/** How `resize` works. */
export interface ResizeOptions extends BoxOptions {
  /** Of the image; masks take the nearest pixel. Default `bilinear`, antialiased. */
  readonly filter?: ResizeFilter
}

/**
 * A sample in another size: the image as Pillow resizes it, masks by their nearest pixels, boxes and points moved.
 *
 * @param size the shorter side, in pixels (the other one keeps the ratio), or `[height, width]`
 * @param options
 * @throws ValueError unless the size is whole pixels, from 1
 */
export function resize(
  size: number | readonly [height: number, width: number],
  options: ResizeOptions = {},
): FixedTransform {
  const pair = typeof size === 'number' ? [size] : size
  if (!pair.every((extent) => Number.isInteger(extent) && extent >= 1)) {
    throw new ValueError(`resize: size must be whole pixels, from 1: [${pair}]`)
  }
  return (sample) => {
    const { width, height } = sample.image
    return resizeArea(
      sample,
      { left: 0, top: 0, width, height },
      typeof size === 'number' ? shorterSide(sample.image, size) : { height: size[0], width: size[1] },
      options,
    )
  }
}

/** The longer side is rounded down, as torchvision has it. */
function shorterSide({ width, height }: Image, size: number): { width: number; height: number } {
  const long = Math.max(1, Math.trunc((size * Math.max(height, width)) / Math.min(height, width)))
  return height <= width ? { height: size, width: long } : { height: long, width: size }
}

/** A part of a sample, which lies within its image, drawn in another size. */
export function resizeArea<S extends Sample>(
  sample: S,
  area: Rectangle,
  { width, height }: { readonly width: number; readonly height: number },
  { filter = 'bilinear', ...options }: ResizeOptions,
): S {
  const map = product(scaling(width / area.width, height / area.height), translation(-area.left, -area.top))
  return redraw(
    'resize',
    sample,
    {
      map,
      image: (image) => resizeImage(image, [height, width], { filter, area }),
      mask: (mask) => resizeImage(mask, [height, width], { filter: 'nearest', area }),
    },
    options,
  )
}
