import { FormatError } from '@badak/tensor'

/** Left, top, right and bottom. */
export type Corners = readonly [left: number, top: number, right: number, bottom: number]

interface Sides {
  readonly width: number
  readonly height: number
}

/** Annotators' rounding: what is over the border by no more than a pixel is cut there. */
const TOLERANCE = 1

/**
 * A box within its image.
 *
 * @param what names it in errors: `coco: instances.json: annotation 7`
 * @throws FormatError when it is empty, no numbers, or outside the image by more than a pixel
 */
export function checkBox(
  what: string,
  [left, top, right, bottom]: Corners,
  { width, height }: Sides,
): Corners {
  const shown = `[${[left, top, right, bottom].join(', ')}]`
  if (![left, top, right, bottom].every(Number.isFinite))
    throw new FormatError(`${what}: a box is four numbers: ${shown}`)
  if (right <= left || bottom <= top) throw new FormatError(`${what}: the box is empty: ${shown}`)
  const outside =
    left < -TOLERANCE || top < -TOLERANCE || right > width + TOLERANCE || bottom > height + TOLERANCE
  if (outside) throw new FormatError(`${what}: the box is outside the image, ${width}x${height}: ${shown}`)
  const cut = [Math.max(left, 0), Math.max(top, 0), Math.min(right, width), Math.min(bottom, height)] as const
  if (cut[2] <= cut[0] || cut[3] <= cut[1])
    throw new FormatError(`${what}: the box is outside the image, ${width}x${height}: ${shown}`)
  return cut
}
