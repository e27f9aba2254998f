import type { Tensor } from '@badak/tensor'
import { Chart } from './chart.ts'
import { createElement, createSVG, TITLE_HEIGHT } from './svg.ts'
import { imageSize, imageURIs, type ImageOptions } from './images.ts'

/** How images are laid out, and what their values stand for. */
export interface ImageGridOptions extends ImageOptions {
  readonly title?: string
  /** Default: as square as they come. */
  readonly columns?: number
  /** The size of an image's pixel; default: so that an image is at least 48 wide. */
  readonly scale?: number
  /** A line below each. */
  readonly labels?: readonly string[]
}

/**
 * Images side by side: a batch, filters, feature maps.
 *
 * @param images `[N, C, H, W]` with one or three channels, or `[N, H, W]`
 * @throws ShapeError when they are something else
 */
export async function imageGrid(images: Tensor, options: ImageGridOptions = {}): Promise<Chart> {
  const { count, height, width } = imageSize('imageGrid', images)
  const pictures = await imageURIs(images, options)
  const {
    columns = Math.ceil(Math.sqrt(count)),
    scale = Math.max(1, Math.ceil(48 / width)),
    labels,
    title,
  } = options
  const [cellWidth, cellHeight] = [width * scale + 6, height * scale + 6 + (labels ? 16 : 0)]
  const head = title === undefined ? 0 : TITLE_HEIGHT
  return new Chart((document) => {
    const rows = Math.ceil(count / columns)
    const svg = createSVG(document, columns * cellWidth, rows * cellHeight + head, title)
    for (const [i, picture] of pictures.entries()) {
      const [x, y] = [(i % columns) * cellWidth + 3, head + Math.floor(i / columns) * cellHeight + 3]
      const attributes = {
        href: picture,
        x,
        y,
        width: width * scale,
        height: height * scale,
        style: 'image-rendering: pixelated',
      }
      svg.append(createElement(document, 'image', attributes))
      if (!labels?.[i]) continue
      const text = createElement(document, 'text', { x: x + (width * scale) / 2, y: y + height * scale + 13 })
      text.setAttribute('text-anchor', 'middle')
      text.setAttribute('font-size', '11')
      text.setAttribute('fill', 'currentColor')
      text.textContent = labels[i]
      svg.append(text)
    }
    return svg
  })
}
