import type { Image } from '@badak/images'
import { ValueError } from '@badak/tensor'
import { type BackgroundKind, painters } from './backgrounds.ts'
import type { EmojiVendor } from './emoji.ts'
import type { SpriteSet } from './sprite.ts'

/**
 * Scenes to learn from, to choose by, and to be tested on, all with one vendor's emoji; `transfer` are the scenes of
 * `test` with the other vendor's.
 */
export type ScenesSplit = 'train' | 'validation' | 'test' | 'transfer'

/** What `scenes` composes. */
export interface ScenesOptions {
  /** Another seed, other scenes; default 0. */
  readonly seed?: number
  /** Height and width in pixels, or both in one; default 128. */
  readonly size?: number | readonly [height: number, width: number]
  /** How many scenes; default 10,000 of `train`, 1,000 of the others. */
  readonly length?: number
  /** Whose emoji `train`, `validation` and `test` show; `transfer` shows the other's. Default `'google'`. */
  readonly vendor?: EmojiVendor
  /** Where the atlas of the emoji is, a directory or an address; default: in this package. */
  readonly atlas?: string | URL
  /** Other things than emoji: `digitSprites`, `fashionSprites`, or a set of one's own. */
  readonly sprites?: SpriteSet
  /** Some of the sprites' classes, in the order in which they are to be numbered; default all. */
  readonly classes?: readonly string[]
  /** How many objects, from the least to the most; default `[1, 5]`. */
  readonly objects?: readonly [least: number, most: number]
  /** How long a sprite's longer side is, as a share of the scene's shorter one; default `[0.2, 0.45]`. */
  readonly scale?: readonly [least: number, most: number]
  /** The most that an object is turned, to the left or to the right, in degrees; default 20. */
  readonly rotation?: number
  /** How much light differs: brightness, contrast, tint, shadows. 0 none, 1 much; default 0.5. */
  readonly light?: number
  /** Grain in the picture, as a share of white; default 0.015. */
  readonly noise?: number
  /** How much of an object may be hidden, by others or by the scene's edge; default 0.4. */
  readonly occlusion?: number
  /** What lies behind the objects: kinds, or pictures of which parts are shown; default all kinds. */
  readonly backgrounds?: readonly (BackgroundKind | Image)[]
  /** Pixels so close to another object or the background have class 255 in masks, as in VOC; default 0. */
  readonly border?: number
}

/** Options with nothing left open. */
export interface Settings {
  readonly width: number
  readonly height: number
  readonly key: bigint
  /** Labels of the sprites' own, by the scenes' label − 1. */
  readonly labels: readonly number[]
  readonly objects: readonly [number, number]
  readonly sizes: readonly [number, number]
  readonly rotation: number
  readonly light: number
  readonly noise: number
  readonly occlusion: number
  readonly backgrounds: readonly (BackgroundKind | Image)[]
  readonly border: number
}

/** By split: which stream of random numbers. `transfer` has that of `test`. */
export const streams: Readonly<Record<ScenesSplit, bigint>> = {
  train: 0n,
  validation: 1n,
  test: 2n,
  transfer: 2n,
}

/** No sprite is drawn smaller: nobody would know what it is. */
const LEAST_SIZE = 6
/** So many objects fit into the bytes of an instance mask, of which 255 is left free. */
const MOST_OBJECTS = 254
/** The part of a scene that the smallest allowed objects may take, before there is no room to place them. */
const MOST_FILLED = 0.4

/** @throws ValueError when an option has no meaning, or they do not go together */
export function settingsOf(split: ScenesSplit, sprites: SpriteSet, options: ScenesOptions): Settings {
  const { seed = 0, size = 128, objects = [1, 5], rotation = 20, border = 0 } = options
  const { light = 0.5, noise = 0.015, occlusion = 0.4 } = options
  const backgrounds = options.backgrounds ?? (Object.keys(painters) as BackgroundKind[])
  const [height, width] = typeof size === 'number' ? [size, size] : size
  check(isCount(seed, 0, 2 ** 32 - 1), 'seed', 'an integer from 0 to 2^32 - 1', seed)
  check(isCount(height, 1, 8192) && isCount(width, 1, 8192), 'size', 'pixels from 1 to 8192', size)
  check(
    isRange(objects, 0, MOST_OBJECTS) && objects.every(Number.isInteger),
    'objects',
    `counts, the least and the most, up to ${MOST_OBJECTS}`,
    objects,
  )
  check(isWithin(rotation, 0, 180), 'rotation', 'degrees from 0 to 180', rotation)
  for (const [name, value] of Object.entries({ light, noise })) {
    check(isWithin(value, 0, 1), name, 'a number from 0 to 1', value)
  }
  check(isWithin(occlusion, 0, 0.9), 'occlusion', 'a share from 0 to 0.9', occlusion)
  check(isCount(border, 0, 16), 'border', 'pixels from 0 to 16', border)
  checkBackgrounds(backgrounds)
  return {
    width,
    height,
    key: BigInt(seed) | (streams[split] << 32n),
    labels: labelsOf(sprites, options.classes),
    objects,
    sizes: sizesOf(Math.min(width, height), width * height, objects[1], options),
    rotation,
    light,
    noise,
    occlusion,
    backgrounds,
    border,
  }
}

/** The least and the greatest size of an object in pixels. */
function sizesOf(
  side: number,
  area: number,
  most: number,
  { scale = [0.2, 0.45] }: ScenesOptions,
): [number, number] {
  check(
    isRange(scale, 0, 1) && scale[1] > 0,
    'scale',
    'shares of the shorter side, the least and the greatest',
    scale,
  )
  const [least, greatest] = [scale[0] * side, scale[1] * side]
  if (least < LEAST_SIZE) {
    throw new ValueError(
      `scenes: an object would be ${round(least)} pixels large, at least ${LEAST_SIZE} are needed: raise size or scale`,
    )
  }
  // A little more than the quotient: 0.4 / 0.2² is 10.
  const room = Math.floor((MOST_FILLED * area) / (least * least) + 1e-9)
  if (most > room) {
    throw new ValueError(
      `scenes: ${most} objects of ${round(least)} pixels or more have no room, at most ${room} have: lower objects or scale`,
    )
  }
  return [least, greatest]
}

function labelsOf({ classes, counts }: SpriteSet, chosen: readonly string[] = classes): number[] {
  check(chosen.length > 0, 'classes', 'one class or more', chosen)
  check(new Set(chosen).size === chosen.length, 'classes', 'different classes', chosen)
  return chosen.map((name) => {
    const label = classes.indexOf(name)
    if (label < 0) throw new ValueError(`scenes: unknown class ${name}; known: ${classes.join(', ')}`)
    if (counts[label] === 0) {
      throw new ValueError(`scenes: there is no sprite of class ${name}: leave it out of classes`)
    }
    return label
  })
}

function checkBackgrounds(backgrounds: readonly (BackgroundKind | Image)[]): void {
  check(backgrounds.length > 0, 'backgrounds', 'one or more', backgrounds)
  for (const kind of backgrounds) {
    if (typeof kind === 'string') {
      check(
        Object.hasOwn(painters, kind),
        'backgrounds',
        `${Object.keys(painters).join(', ')}, or images`,
        kind,
      )
    } else {
      const { width, height, channels, data } = kind
      const size = width * height * channels
      check(
        size > 0 && data.length === size,
        'backgrounds',
        'images with all their pixels',
        `${width}x${height}x${channels} with ${data.length} bytes`,
      )
    }
  }
}

function check(holds: boolean, option: string, expected: string, value: unknown): void {
  if (!holds)
    throw new ValueError(
      `scenes: ${option}: expected ${expected}: ${Array.isArray(value) ? `[${value.join(', ')}]` : String(value)}`,
    )
}

const isWithin = (value: number, least: number, most: number): boolean => value >= least && value <= most
const isCount = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && isWithin(value, least, most)
const isRange = ([from, to]: readonly [number, number], least: number, most: number): boolean =>
  isWithin(from, least, most) && isWithin(to, from, most)
const round = (value: number): number => Math.round(value * 10) / 10
