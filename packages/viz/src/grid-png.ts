import { type Tensor, ValueError } from '@badak/tensor'
import { encodeRaster, type ImageOptions, type Raster, rastersOf } from './images.ts'

/** How images are laid out in a file. */
export interface GridPNGOptions extends ImageOptions {
  /** Default: as square as they come. */
  readonly columns?: number
  /** How many pixels of the file a pixel of an image is wide and high; default 1. */
  readonly scale?: number
  /** Pixels of the file between images and around them; default 2. */
  readonly gap?: number
  /** What is seen there: red, green and blue, 0 to 255; default white. */
  readonly background?: readonly [red: number, green: number, blue: number]
}

/**
 * Images side by side as the bytes of a PNG file: filters, feature maps, heat maps.
 *
 * @param images `[N, C, H, W]` with one or three channels, or `[N, H, W]`
 * @throws ShapeError when they are something else
 * @throws ValueError when there are none, or an option is out of range
 * @example
 * ```ts
 * writeFileSync('filters.png', await gridPNG(filters(model.at(0)), { range: [0, 1], scale: 8 }))
 * ```
 */
export async function gridPNG(images: Tensor, options: GridPNGOptions = {}): Promise<Uint8Array> {
  const rasters = await rastersOf('gridPNG', images, options)
  const [first] = rasters
  if (!first) throw new ValueError(`gridPNG: there are no images: [${images.shape}]`)
  const { columns = Math.ceil(Math.sqrt(rasters.length)), scale = 1, gap = 2, background } = options
  for (const [name, value, least] of [
    ['columns', columns, 1],
    ['scale', scale, 1],
    ['gap', gap, 0],
  ] as const)
    if (!Number.isSafeInteger(value) || value < least)
      throw new ValueError(`gridPNG: ${name} is not an integer ≥ ${least}: ${value}`)
  const across = Math.min(columns, rasters.length)
  const down = Math.ceil(rasters.length / across)
  const [cellHeight, cellWidth] = [first.height * scale + gap, first.width * scale + gap]
  const [height, width] = [down * cellHeight + gap, across * cellWidth + gap]
  const data = new Uint8Array(3 * height * width)
  const [red, green, blue] = background ?? [255, 255, 255]
  for (let i = 0; i < data.length; i += 3) data.set([red, green, blue], i)
  for (const [i, raster] of rasters.entries()) {
    const top = gap + Math.floor(i / across) * cellHeight
    const left = gap + (i % across) * cellWidth
    place(raster, scale, { height, width, data }, top, left)
  }
  return encodeRaster({ height, width, data })
}

/** Puts an image, each pixel a square, into a larger one. */
function place(image: Raster, scale: number, whole: Raster, top: number, left: number): void {
  for (let row = 0; row < image.height * scale; row++) {
    for (let column = 0; column < image.width * scale; column++) {
      const from = 3 * (Math.floor(row / scale) * image.width + Math.floor(column / scale))
      whole.data.set(image.data.subarray(from, from + 3), 3 * ((top + row) * whole.width + left + column))
    }
  }
}
