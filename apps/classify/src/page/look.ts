import { featureMaps, gradCam } from '@badak/cnn'
import type { Image } from '@badak/images'
import { evaluate, noGrad, softmax, type Tensor } from '@badak/tensor'
import { type Classifier, rank } from '../classifier.ts'
import { heatColour } from '../heat-colour.ts'
import { prepare } from '../prepare.ts'
import type { LayerPainting, Painting, Sight } from './protocol.ts'

/**
 * What a classifier sees in an image, and on what its answer rests.
 *
 * @param target the class to be explained; undefined: the likeliest
 * @returns undefined when there is nothing in the image
 */
export async function look(
  classifier: Classifier,
  image: Image,
  target: number | undefined,
): Promise<Sight | undefined> {
  const started = performance.now()
  const { description } = classifier
  const prepared = prepare(image, description)
  if (!prepared) return undefined
  const { x, frame } = prepared
  const normalised = classifier.normalise(x)
  const probabilities = await noGrad(() => softmax(classifier.forward(x), { axis: 1 })).data()
  const guesses = rank(probabilities, description.classes)
  const explained = target !== undefined && target < guesses.length ? target : guesses[0]!.label
  const maps = featureMaps(classifier.viewed, normalised)
  const cam = gradCam(classifier.viewed, normalised, {
    target: explained,
    layer: classifier.layerOf(normalised),
  })
  await evaluate(cam, ...Object.values(maps))
  return {
    guesses: guesses.slice(0, 5),
    target: explained,
    input: await paintInput(x),
    heat: await paintHeat(cam),
    picture: { width: image.width, height: image.height },
    frame,
    layers: await Promise.all(Object.entries(maps).map(([name, map]) => paintMaps(name, map))),
    took: performance.now() - started,
  }
}

/** @param x `[1, C, H, W]`, values from 0 to 1 */
async function paintInput(x: Tensor): Promise<Painting> {
  const [, channels, height, width] = x.shape as [number, number, number, number]
  const data = (await x.data()) as Float32Array
  const size = height * width
  return paint(width, height, (pixel, rgba, at) => {
    for (let c = 0; c < 3; c++)
      rgba[at + c] = Math.round(255 * data[(channels === 1 ? 0 : c) * size + pixel]!)
    rgba[at + 3] = 255
  })
}

/** @param cam `[1, 1, H, W]`, not negative */
async function paintHeat(cam: Tensor): Promise<Painting> {
  const [, , height, width] = cam.shape as [number, number, number, number]
  const data = (await cam.data()) as Float32Array
  const most = data.reduce((greatest, value) => Math.max(greatest, value), 0) || 1
  return paint(width, height, (pixel, rgba, at) => rgba.set(heatColour(data[pixel]! / most), at))
}

/**
 * Maps side by side, a pixel apart; each from its least to its greatest value, so that quiet ones are seen, too.
 *
 * @param maps `[1, C, H, W]`
 */
async function paintMaps(name: string, maps: Tensor): Promise<LayerPainting> {
  const [, channels, mapHeight, mapWidth] = maps.shape as [number, number, number, number]
  const data = (await maps.data()) as Float32Array
  const columns = columnsOf(channels)
  const rows = Math.ceil(channels / columns)
  const [width, height] = [columns * (mapWidth + 1) - 1, rows * (mapHeight + 1) - 1]
  const rgba = new Uint8ClampedArray(4 * width * height)
  const size = mapHeight * mapWidth
  for (let c = 0; c < channels; c++) {
    const map = data.subarray(c * size, (c + 1) * size)
    const least = map.reduce((a, b) => Math.min(a, b), Infinity)
    const most = map.reduce((a, b) => Math.max(a, b), -Infinity)
    const scale = most > least ? 255 / (most - least) : 0
    const [left, top] = [(c % columns) * (mapWidth + 1), Math.floor(c / columns) * (mapHeight + 1)]
    for (let i = 0; i < size; i++) {
      const at = 4 * ((top + Math.floor(i / mapWidth)) * width + left + (i % mapWidth))
      rgba[at] = rgba[at + 1] = rgba[at + 2] = (map[i]! - least) * scale
      rgba[at + 3] = 255
    }
  }
  return { name, channels, mapWidth, mapHeight, width, height, rgba: rgba.buffer }
}

/** Maps in a row. */
function columnsOf(channels: number): number {
  return channels <= 16 ? 8 : 16
}

function paint(
  width: number,
  height: number,
  pixelAt: (pixel: number, rgba: Uint8ClampedArray, at: number) => void,
): Painting {
  const rgba = new Uint8ClampedArray(4 * width * height)
  for (let pixel = 0; pixel < width * height; pixel++) pixelAt(pixel, rgba, 4 * pixel)
  return { width, height, rgba: rgba.buffer }
}
