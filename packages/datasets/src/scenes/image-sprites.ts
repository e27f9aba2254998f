import type { Image } from '@badak/images'
import { ShapeError } from '@badak/tensor'
import type { ArrayField } from '../array-dataset.ts'
import { inks } from './colours.ts'
import type { Sprite, SpriteSet } from './sprite.ts'

/** Images of one channel with their classes, such as `mnist` and its kin read. */
export interface LabelledImages {
  readonly fields: { readonly x: ArrayField; readonly t: ArrayField }
}

const digits = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']

const fashion = [
  'T-shirt',
  'pair of trousers',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle boot',
]

/**
 * Handwritten digits as sprites for `scenes`, in ink of a colour that is drawn anew each time.
 *
 * @throws ShapeError unless `x` is bytes `[N, 1, H, W]` and `t` is `[N]`
 *
 * @example
 * ```ts
 * const train = await scenes('train', { sprites: digitSprites(await mnist('train')) })
 * ```
 */
export function digitSprites(images: LabelledImages): SpriteSet {
  return imageSprites('digitSprites', images, digits, inkOf)
}

/**
 * Items of Fashion-MNIST as sprites for `scenes`, cut out along their outline and dyed.
 *
 * @throws ShapeError unless `x` is bytes `[N, 1, H, W]` and `t` is `[N]`
 */
export function fashionSprites(images: LabelledImages): SpriteSet {
  return { ...imageSprites('fashionSprites', images, fashion, dye), mirrors: true }
}

type Rgb = readonly [number, number, number]

/** Fills in red, green, blue and alpha of a sprite from the bytes of an image. */
type Cutter = (rgba: Uint8Array, grey: Uint8Array, width: number, colour: Rgb) => void

function imageSprites(
  operation: string,
  { fields: { x, t } }: LabelledImages,
  classes: readonly string[],
  cut: Cutter,
): SpriteSet {
  const [count = 0, channels, height = 0, width = 0] = x.shape
  if (x.shape.length !== 4 || channels !== 1 || !(x.data instanceof Uint8Array) || t.data.length !== count) {
    throw new ShapeError(
      `${operation}: expected bytes [N,1,H,W] and N classes: [${x.shape}] and [${t.shape}]`,
    )
  }
  const pixels = x.data
  const members = classes.map((_, label) => placesOf(t, label))
  const names = Object.keys(inks)
  return {
    classes,
    counts: members.map((places) => places.length),
    mirrors: false,
    get: (label, index, random) => {
      const place = members[label]![index]!
      const colour = names[Math.floor(random * names.length)]!
      const data = new Uint8Array(height * width * 4)
      const size = height * width
      cut(data, pixels.subarray(place * size, (place + 1) * size), width, inks[colour]!)
      const image: Image = { width, height, channels: 4, data }
      return { name: String(place), image, colour } satisfies Sprite
    },
  }
}

function placesOf({ data }: ArrayField, label: number): Int32Array {
  const places: number[] = []
  for (let i = 0; i < data.length; i++) if (data[i] === label) places.push(i)
  return Int32Array.from(places)
}

/** The brighter, the more ink. */
function inkOf(rgba: Uint8Array, grey: Uint8Array, _width: number, colour: Rgb): void {
  for (const [i, alpha] of grey.entries()) rgba.set([...colour, alpha], i * 4)
}

/** Fashion-MNIST's ground is 0, its items' outlines are brighter than this. */
const GROUND = 16

/** All that the ground cannot be reached from belongs to the item, dark parts too; its light is kept. */
function dye(rgba: Uint8Array, grey: Uint8Array, width: number, colour: Rgb): void {
  const ground = groundOf(grey, width)
  for (const [i, value] of grey.entries()) {
    const shade = (64 + 0.75 * value) / 255
    const alpha = ground[i] ? Math.min(255, value * (128 / GROUND)) : 255
    rgba.set([colour[0] * shade, colour[1] * shade, colour[2] * shade, alpha], i * 4)
  }
}

/** 1 where the ground is: what is dark and connected with the image's edge. */
function groundOf(grey: Uint8Array, width: number): Uint8Array {
  const ground = new Uint8Array(grey.length)
  const height = grey.length / width
  const pending: number[] = []
  const visit = (x: number, y: number): void => {
    const pixel = y * width + x
    if (x < 0 || y < 0 || x >= width || y >= height || ground[pixel] || grey[pixel]! >= GROUND) return
    ground[pixel] = 1
    pending.push(pixel)
  }
  for (let x = 0; x < width; x++) [0, height - 1].forEach((y) => visit(x, y))
  for (let y = 0; y < height; y++) [0, width - 1].forEach((x) => visit(x, y))
  for (let pixel = pending.pop(); pixel !== undefined; pixel = pending.pop()) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)]
    visit(x - 1, y)
    visit(x + 1, y)
    visit(x, y - 1)
    visit(x, y + 1)
  }
  return ground
}
