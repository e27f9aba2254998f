import type { Tensor } from '@badak/tensor'
import { gridPNG, type ImageOptions } from '@badak/viz'

/**
 * An image as a PNG file. A small one is enlarged pixel by pixel, until it is at least 280 pixels a side.
 *
 * @param image `[1, C, H, W]`
 */
export async function enlargedPNG(image: Tensor, options: ImageOptions): Promise<Uint8Array> {
  const [, , height, width] = image.shape as [number, number, number, number]
  return gridPNG(image, { ...options, scale: Math.ceil(280 / Math.min(height, width)), gap: 0 })
}
