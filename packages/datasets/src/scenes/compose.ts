import type { Image } from '@badak/images'
import { Generator, ValueError } from '@badak/tensor'
import { paintBackground } from './backgrounds.ts'
import { between, type Canvas, oneOf } from './canvas.ts'
import { captionsOf } from './captions.ts'
import { drawSprite, type Patch } from './draw-sprite.ts'
import { blend, type Box, boxesOf, castShadow, Layers, amodalBox } from './layers.ts'
import { anyLight, develop, lightObject, type SceneLight } from './light.ts'
import type { Settings } from './options.ts'
import type { Sprite, SpriteSet } from './sprite.ts'
import { turnOf } from './turn.ts'

/** A thing in a scene. */
export interface SceneObject {
  /** Its class, from 1; 0 is the background. */
  readonly label: number
  /** Which sprite it is: an emoji's name, or a number in a data set. */
  readonly sprite: string
  /** What captions call its colour, where it has one. */
  readonly colour: string | undefined
  /** Around what is seen of it, in pixels; right and bottom edges are those of the last pixels. */
  readonly box: Box
  /** Around all of it, also where something is in front of it, and beyond the scene's edge. */
  readonly amodalBox: Box
  /** Pixels that are seen of it. */
  readonly area: number
  /** The share of it that is seen, from 0 to 1. */
  readonly visibility: number
}

/** A picture, and all that is known of it. */
export interface Scene {
  /** Red, green and blue. */
  readonly image: Image
  /** The class of each pixel: 0 is the background, 255 a border, where there are borders. One channel. */
  readonly mask: Image
  /** Which object each pixel shows: its place in `objects`, from 1; 0 is the background. One channel. */
  readonly instances: Image
  /** From the back to the front. */
  readonly objects: readonly SceneObject[]
  /** The same scene in several ways of saying it, all of them true; the first says most. */
  readonly captions: readonly string[]
}

/** A sprite that has found its place. */
interface Placed {
  readonly label: number
  readonly sprite: Sprite
  readonly amodalBox: Box
}

/** Scene number `index`: a function of the settings and this number alone. */
export function compose(
  settings: Settings,
  sprites: SpriteSet,
  classes: readonly string[],
  index: number,
): Scene {
  const { width, height, objects: range } = settings
  const generator = new Generator(settings.key | (BigInt(index) << 34n))
  const canvas: Canvas = { width, height, pixels: new Float32Array(width * height * 3) }
  const count = range[0] + generator.integers(range[1] - range[0] + 1)
  const light = anyLight(settings.light, generator)
  paintBackground(canvas, oneOf(generator, settings.backgrounds), generator)
  const layers = new Layers(width, height, settings.occlusion)
  const placed = sizesOf(count, settings, generator).map((size) => {
    const object = place({ size, settings, sprites, canvas, layers, light, generator })
    if (object) return object
    throw new ValueError(
      `scenes: scene ${index} has no room for ${count} objects: lower objects or scale, or raise occlusion`,
    )
  })
  const image = develop(canvas, light, settings.noise, generator.integers(2 ** 32))
  const boxes = boxesOf(layers.owners, width, count)
  const objects = placed.map(({ label, sprite, amodalBox }, i): SceneObject => ({
    label,
    sprite: sprite.name,
    colour: sprite.colour,
    box: boxes[i]!,
    amodalBox,
    area: layers.areaOf(i + 1),
    visibility: layers.visibilityOf(i + 1),
  }))
  return {
    image: { width, height, channels: 3, data: image },
    mask: { width, height, channels: 1, data: classMask(layers.owners, objects, settings) },
    instances: { width, height, channels: 1, data: layers.owners },
    objects,
    captions: captionsOf(objects, classes),
  }
}

/** How large the objects are to be; where there would be too little room for all, nearer to the least. */
function sizesOf(count: number, settings: Settings, generator: Generator): number[] {
  const [least, greatest] = settings.sizes
  const shares = Array.from({ length: count }, () => generator.uniform())
  const room = (0.45 * settings.width * settings.height) / (1 - settings.occlusion)
  for (let spread = greatest - least; ; spread /= 2) {
    const sizes = shares.map((share) => least + spread * share)
    if (spread < 0.5 || sizes.reduce((sum, size) => sum + size * size, 0) <= room) return sizes
  }
}

interface Placing {
  readonly size: number
  readonly settings: Settings
  readonly sprites: SpriteSet
  readonly canvas: Canvas
  readonly layers: Layers
  readonly light: SceneLight
  readonly generator: Generator
}

/** Places tried for an object of one size, and how often it may get smaller. */
const TRIES = 24
const SHRINKS = 12

/** Puts some sprite where there is room, in front of the others; smaller than wanted if it must. */
function place({ size, settings, sprites, canvas, layers, light, generator }: Placing): Placed | undefined {
  // Classes are equally likely, however many sprites they have.
  const label = generator.integers(settings.labels.length)
  const own = settings.labels[label]!
  const sprite = sprites.get(own, generator.integers(sprites.counts[own]!), generator.uniform())
  const turn = turnOf(settings.rotation * between(generator, -1, 1))
  const mirrored = generator.integers(2) === 1 && sprites.mirrors
  const centre = [generator.uniform(), generator.uniform()] as const
  for (let shrink = 0; shrink < SHRINKS; shrink++) {
    const patch = drawSprite(sprite.image, { size, turn, mirrored, centre })
    const position = freePosition(patch, size, layers, generator)
    if (position) {
      paintObject(canvas, patch, position, size, settings, light, generator)
      layers.add(patch, ...position)
      return { label: label + 1, sprite, amodalBox: amodalBox(patch, ...position) }
    }
    size = Math.max(settings.sizes[0], size * 0.8)
  }
  return undefined
}

/** How far from the scene's edge an object's centre is at least, as a share of its size. */
const FROM_EDGE = 0.3

function freePosition(
  patch: Patch,
  size: number,
  layers: Layers,
  generator: Generator,
): readonly [number, number] | undefined {
  const { width, height } = layers
  const margin = Math.min(size * FROM_EDGE, width / 2, height / 2)
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const x = Math.min(width - 1, Math.floor(between(generator, margin, width - margin)))
    const y = Math.min(height - 1, Math.floor(between(generator, margin, height - margin)))
    if (layers.fits(patch, x, y)) return [x, y]
  }
  return undefined
}

function paintObject(
  canvas: Canvas,
  patch: Patch,
  [x, y]: readonly [number, number],
  size: number,
  settings: Settings,
  light: SceneLight,
  generator: Generator,
): void {
  if (light.shadow > 0) {
    const reach = size * 0.08
    const [dx, dy] = [Math.round(-light.turn.cos * reach), Math.round(-light.turn.sin * reach)]
    castShadow(canvas, patch, x + dx, y + dy, light.shadow)
  }
  lightObject(patch, settings.light, generator)
  blend(canvas, patch, x, y)
}

/** The class of each pixel, and 255 where an edge is near if borders are wanted. */
function classMask(
  owners: Uint8Array,
  objects: readonly SceneObject[],
  { width, height, border }: Settings,
): Uint8Array {
  const labels = Uint8Array.from([0, ...objects.map(({ label }) => label)])
  const mask = new Uint8Array(owners.length)
  for (let pixel = 0; pixel < mask.length; pixel++) mask[pixel] = labels[owners[pixel]!]!
  if (border === 0) return mask
  const markEdge = (pixel: number, other: number): void => {
    if (owners[pixel] !== owners[other]) markAround(mask, width, height, pixel, other, border)
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x
      if (x + 1 < width) markEdge(pixel, pixel + 1)
      if (y + 1 < height) markEdge(pixel, pixel + width)
    }
  }
  return mask
}

/** Marks the pixels that are at most `border` pixels from the edge between two. */
function markAround(
  mask: Uint8Array,
  width: number,
  height: number,
  a: number,
  b: number,
  border: number,
): void {
  const [ax, ay, bx, by] = [a % width, Math.floor(a / width), b % width, Math.floor(b / width)]
  for (let y = Math.max(0, by - border); y <= Math.min(height - 1, ay + border); y++) {
    for (let x = Math.max(0, bx - border); x <= Math.min(width - 1, ax + border); x++)
      mask[y * width + x] = 255
  }
}
