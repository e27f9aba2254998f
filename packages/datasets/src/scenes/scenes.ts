import { IndexError, type Tensor, tensor, ValueError } from '@badak/tensor'
import type { Dataset } from '../dataset.ts'
import { compose, type Scene } from './compose.ts'
import { emojiSprites, type EmojiVendor } from './emoji.ts'
import { type ScenesOptions, type ScenesSplit, settingsOf, streams } from './options.ts'

/** Scenes side by side. */
export interface SceneBatch {
  /** Pictures: float32 `[N, 3, H, W]` from 0 to 1. */
  readonly x: Tensor
  /** The class of each pixel: int32 `[N, H, W]`; 0 is the background, 255 a border, where there are borders. */
  readonly masks: Tensor
  /** Which object each pixel shows, from 1; 0 is the background: int32 `[N, H, W]`. */
  readonly instances: Tensor
  /** For each scene, the boxes `x1, y1, x2, y2` around what is seen of its K objects, in pixels: float32 `[K, 4]`. */
  readonly boxes: readonly Tensor[]
  /** For each scene, the classes of its objects, from 1: int32 `[K]`. */
  readonly labels: readonly Tensor[]
  /** For each scene, what it shows in words, in several ways. */
  readonly captions: readonly (readonly string[])[]
}

/** A data set of scenes; nothing of it is stored. */
export interface SceneDataset extends Dataset<SceneBatch> {
  /** What the labels and the numbers in masks mean; the first is `'background'`. */
  readonly classes: readonly string[]
  readonly height: number
  readonly width: number
  /** Scene `index`. @throws IndexError when there is none */
  get(index: number): Scene
  gatherBatch(indices: Int32Array): SceneBatch
}

/**
 * Pictures to learn detection, segmentation and captioning from, composed when they are asked for: emoji, digits or
 * items of fashion, scaled, turned, lit and partly hidden by each other, on backgrounds of many kinds, with exact masks,
 * boxes and captions.
 *
 * A scene is a function of the options and its index alone, the same on every machine. `train`, `validation` and
 * `test` show other scenes of the same sprites; `transfer` shows those of `test` with the sprites of the vendor that
 * training never showed. With `sprites` of one's own, `transfer` is `test`.
 *
 * @throws ValueError when an option has no meaning, a class is unknown, or there would be no room for the objects
 * @throws DataNotFoundError, DownloadError when the emoji are not where they should be
 *
 * @example
 * ```ts
 * const train = await scenes('train', { size: 128, seed: 7 })
 * const { image, mask, objects, captions } = train.get(0)
 * for await (const { x, masks, boxes } of new DataLoader(train, { batchSize: 16, shuffle: true })) break
 * ```
 */
export async function scenes(split: ScenesSplit, options: ScenesOptions = {}): Promise<SceneDataset> {
  if (!Object.hasOwn(streams, split)) {
    throw new ValueError(`scenes: the split is one of ${Object.keys(streams).join(', ')}: ${split}`)
  }
  const { length = split === 'train' ? 10_000 : 1000 } = options
  if (!Number.isInteger(length) || length < 0 || length > 2 ** 30) {
    throw new ValueError(`scenes: length: expected an integer from 0 to 2^30: ${length}`)
  }
  const sprites = options.sprites ?? (await emojiSprites(vendorOf(split, options), options.atlas))
  const settings = settingsOf(split, sprites, options)
  const classes = ['background', ...settings.labels.map((label) => sprites.classes[label]!)]
  const get = (index: number): Scene => {
    if (!Number.isInteger(index) || index < 0 || index >= length) {
      throw new IndexError(`scenes: there are ${length} scenes: ${index}`)
    }
    return compose(settings, sprites, classes, index)
  }
  const { width, height } = settings
  return {
    length,
    classes,
    width,
    height,
    get,
    gatherBatch: (indices) => stack(Array.from(indices, get), height, width),
  }
}

function vendorOf(split: ScenesSplit, { vendor = 'google' }: ScenesOptions): EmojiVendor {
  const other: Record<string, EmojiVendor> = { google: 'twitter', twitter: 'google' }
  return split === 'transfer' ? (other[vendor] ?? vendor) : vendor
}

function stack(scenes: readonly Scene[], height: number, width: number): SceneBatch {
  const area = height * width
  const x = new Float32Array(scenes.length * 3 * area)
  const masks = new Int32Array(scenes.length * area)
  const instances = new Int32Array(scenes.length * area)
  for (const [n, scene] of scenes.entries()) {
    const { data } = scene.image
    for (let c = 0; c < 3; c++) {
      const plane = (3 * n + c) * area
      for (let pixel = 0; pixel < area; pixel++) x[plane + pixel] = data[3 * pixel + c]! / 255
    }
    masks.set(scene.mask.data, n * area)
    instances.set(scene.instances.data, n * area)
  }
  const shape = [scenes.length, height, width]
  return {
    x: tensor(x, { shape: [scenes.length, 3, height, width] }),
    masks: tensor(masks, { shape }),
    instances: tensor(instances, { shape }),
    boxes: scenes.map(({ objects }) =>
      tensor(Float32Array.from(objects.flatMap(({ box }) => [...box])), { shape: [objects.length, 4] }),
    ),
    labels: scenes.map(({ objects }) => tensor(Int32Array.from(objects, ({ label }) => label))),
    captions: scenes.map(({ captions }) => captions),
  }
}
