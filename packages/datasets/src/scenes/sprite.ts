import type { Image } from '@badak/images'

/** One of the things that are put into scenes. */
export interface Sprite {
  /** Four channels; alpha says where the thing is. */
  readonly image: Image
  /** What captions call its colour, where it has one. */
  readonly colour?: string | undefined
  /** For records and contact sheets: which one of its class it is. */
  readonly name: string
}

/** Things to put into scenes, class by class. */
export interface SpriteSet {
  /** What the classes are called, in the singular; captions speak of them so. */
  readonly classes: readonly string[]
  /** How many sprites each class has. */
  readonly counts: readonly number[]
  /** Whether a thing seen in a mirror is still of its class: no digit is. */
  readonly mirrors: boolean
  /**
   * A sprite.
   *
   * @param label which class, from 0
   * @param index which of its sprites, from 0
   * @param random a number from 0 to 1, for what a set chooses anew each time, such as the colour of ink
   */
  get(label: number, index: number, random: number): Sprite
}

/** A picture, or its half, quarter, … with alpha premultiplied. */
export interface Level {
  readonly width: number
  readonly height: number
  /** Red, green, blue times alpha, and alpha, from 0 to 255; around it one transparent pixel on each side. */
  readonly data: Uint8Array
}

/** Made when a sprite is drawn first; gone with it. */
const pyramids = new WeakMap<Image, readonly Level[]>()

/** An image of four channels, its half, its quarter, … until a side is one pixel. */
export function pyramidOf(image: Image): readonly Level[] {
  const known = pyramids.get(image)
  if (known !== undefined) return known
  const levels = [levelOf(image)]
  for (let last = levels[0]!; Math.min(last.width, last.height) > 1; last = levels.at(-1)!) {
    levels.push(halved(last))
  }
  pyramids.set(image, levels)
  return levels
}

/** With a transparent frame, so that sampling needs no test of its bounds. */
function levelOf({ width, height, data }: Image): Level {
  const framed = new Uint8Array((width + 2) * (height + 2) * 4)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 4
      const to = ((y + 1) * (width + 2) + x + 1) * 4
      const alpha = data[from + 3]!
      for (let c = 0; c < 3; c++) framed[to + c] = Math.round((data[from + c]! * alpha) / 255)
      framed[to + 3] = alpha
    }
  }
  return { width, height, data: framed }
}

/** Means of two by two pixels; an odd last row or column is averaged with the transparent frame. */
function halved({ width, height, data }: Level): Level {
  const [halfWidth, halfHeight] = [(width + 1) >> 1, (height + 1) >> 1]
  const half = new Uint8Array((halfWidth + 2) * (halfHeight + 2) * 4)
  const row = (width + 2) * 4
  for (let y = 0; y < halfHeight; y++) {
    for (let x = 0; x < halfWidth; x++) {
      const from = (2 * y + 1) * row + (2 * x + 1) * 4
      const to = ((y + 1) * (halfWidth + 2) + x + 1) * 4
      for (let c = from; c < from + 4; c++) {
        half[to + c - from] = (data[c]! + data[c + 4]! + data[c + row]! + data[c + row + 4]! + 2) >> 2
      }
    }
  }
  return { width: halfWidth, height: halfHeight, data: half }
}
