import { ValueError } from '@badak/tensor'
import { decodeImage, type Image } from '@badak/images'
import { emojiAtlases, emojiIndex } from '../asset-addresses.ts'
import { concatenate, openBytes } from '../idx/byte-source.ts'
import { dominantColour } from './colours.ts'
import type { Sprite, SpriteSet } from './sprite.ts'

/** Who drew the emoji: Noto Emoji of Google, or Twemoji of Twitter. */
export type EmojiVendor = 'google' | 'twitter'

/** What atlas/sprites.json holds. */
interface AtlasIndex {
  readonly size: number
  readonly classes: readonly string[]
  readonly sprites: readonly {
    readonly class: string
    readonly name: string
    readonly unicode: string
    readonly x: number
    readonly y: number
  }[]
}

const loaded = new Map<string, Promise<SpriteSet>>()

/**
 * The emoji of a vendor, as sprites for `scenes`: 202 in 12 classes. Read once and kept.
 *
 * @param directory where `google.png`, `twitter.png` and `sprites.json` are; default: where the package has them
 * @throws ValueError when the vendor is unknown
 * @throws DataNotFoundError, DownloadError when the files are not there
 * @throws FormatError when they are not what they should be
 */
export function emojiSprites(vendor: EmojiVendor, directory?: string | URL): Promise<SpriteSet> {
  if (!Object.hasOwn(emojiAtlases, vendor)) {
    throw new ValueError(`scenes: vendor is one of ${Object.keys(emojiAtlases).join(', ')}: ${vendor}`)
  }
  const atlas = directory === undefined ? emojiAtlases[vendor]() : within(directory, `${vendor}.png`)
  const index = directory === undefined ? emojiIndex() : within(directory, 'sprites.json')
  let sprites = loaded.get(`${atlas}`)
  if (sprites === undefined) {
    sprites = load(atlas, index)
    loaded.set(`${atlas}`, sprites)
    // A file that could not be had may be there the next time.
    sprites.catch(() => loaded.delete(`${atlas}`))
  }
  return sprites
}

function within(directory: string | URL, file: string): string | URL {
  if (directory instanceof URL) return new URL(file, directory.href.replace(/\/?$/, '/'))
  return directory.replace(/\/?$/, `/${file}`)
}

async function load(atlas: string | URL, index: string | URL): Promise<SpriteSet> {
  const [png, json] = await Promise.all([bytesOf(atlas), bytesOf(index)])
  const { classes, sprites, size } = JSON.parse(new TextDecoder().decode(json)) as AtlasIndex
  const picture = await decodeAtlas(png, atlas)
  const groups = classes.map((label) => sprites.filter((sprite) => sprite.class === label))
  const cut = new Map<string, Sprite>()
  return {
    classes,
    counts: groups.map((group) => group.length),
    mirrors: true,
    get: (label, place) => {
      const { name, x, y } = groups[label]![place]!
      let sprite = cut.get(name)
      if (sprite === undefined) {
        const image = crop(picture, x, y, size)
        sprite = { name, image, colour: dominantColour(image.data) }
        cut.set(name, sprite)
      }
      return sprite
    },
  }
}

async function bytesOf(place: string | URL): Promise<Uint8Array> {
  const { chunks } = await openBytes(place, 'scenes')
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return concatenate(parts)
}

async function decodeAtlas(png: Uint8Array, place: string | URL): Promise<Image> {
  return decodeImage(png, { name: `${place}`, channels: 4 })
}

function crop({ width, data }: Image, left: number, top: number, size: number): Image {
  const part = new Uint8Array(size * size * 4)
  for (let y = 0; y < size; y++) {
    const start = ((top + y) * width + left) * 4
    part.set(data.subarray(start, start + size * 4), y * size * 4)
  }
  return { width: size, height: size, channels: 4, data: part }
}
