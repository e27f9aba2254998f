import { ShapeError, tensor, type Tensor, ValueError } from '@badak/tensor'
import { type ColorScale, colorTable } from './colors.ts'
import { extremes, imageSize, shadeOf } from './images.ts'

/** How a map lies over an image. */
export interface HeatmapOptions {
  /** Default `turbo`, which stands out against photographs; `viridis` or `inferno` where lightness must tell. */
  readonly colors?: ColorScale
  /** How much of the map is seen, from 0 to 1; default 0.5. */
  readonly opacity?: number
  /** Which values of the map have the first and the last colour; default: the least and greatest of each. */
  readonly range?: readonly [least: number, greatest: number]
  /** The share of each map's greatest values that all get the last colour, where no range is given; default 0. */
  readonly clip?: number
  /** Which values of the images are black and white; default 0 and 1. */
  readonly imageRange?: readonly [black: number, white: number]
}

/**
 * Images under maps that say of each pixel how much it matters: Grad-CAM, saliency, occlusion.
 *
 * @param images `[N, C, H, W]` with one or three channels, or `[N, H, W]`
 * @param maps `[N, 1, H, W]` or `[N, H, W]`, of any range
 * @returns `[N, 3, H, W]`, from 0 to 1, for `imageGrid`, `gridPNG` or `imageURIs`
 * @throws ShapeError when images and maps differ in number or size
 * @throws ValueError when there are no such colours, or a share is not from 0 to 1
 * @example
 * ```ts
 * const overlay = await heatmapOverlay(images, gradCam(model, images))
 * writeFileSync('cam.png', await gridPNG(overlay, { range: [0, 1] }))
 * ```
 */
export async function heatmapOverlay(
  images: Tensor,
  maps: Tensor,
  options: HeatmapOptions = {},
): Promise<Tensor> {
  const { count, channels, height, width } = checkMaps(images, maps)
  const { colors = 'turbo', opacity = 0.5, range, clip = 0, imageRange = [0, 1] } = options
  for (const [name, share] of Object.entries({ opacity, clip }))
    if (!(share >= 0 && share <= 1))
      throw new ValueError(`heatmapOverlay: ${name} is not from 0 to 1: ${share}`)
  const table = colorTable('heatmapOverlay', colors)
  const pixels = (await images.cast('float32').data()) as Float32Array
  const heat = (await maps.cast('float32').data()) as Float32Array
  const size = height * width
  const result = new Float32Array(count * 3 * size)
  for (let i = 0; i < count; i++) {
    const map = heat.subarray(i * size, (i + 1) * size)
    const [least, greatest] = range ?? rangeOf(map, clip)
    for (let at = 0; at < size; at++) {
      const colour = table[shadeOf(map[at]!, least, greatest)]!
      for (let c = 0; c < 3; c++) {
        const below = pixels[(i * channels + Math.min(c, channels - 1)) * size + at]!
        const grey = shadeOf(below, imageRange[0], imageRange[1])
        result[(i * 3 + c) * size + at] = (grey + (colour[c]! - grey) * opacity) / 255
      }
    }
  }
  return tensor(result, { shape: [count, 3, height, width] })
}

function checkMaps(images: Tensor, maps: Tensor): ReturnType<typeof imageSize> {
  const size = imageSize('heatmapOverlay', images)
  const map = imageSize('heatmapOverlay', maps)
  const { count, height, width } = size
  if (map.channels === 1 && map.count === count && map.height === height && map.width === width) return size
  throw new ShapeError(
    `heatmapOverlay: maps are not [${count}, 1, ${height}, ${width}], one for each image: [${maps.shape}]`,
  )
}

function rangeOf(map: Float32Array, clip: number): readonly [number, number] {
  const [least, greatest] = extremes(map)
  if (clip === 0) return [least, greatest]
  return [least, map.toSorted()[Math.floor((1 - clip) * (map.length - 1))]!]
}
