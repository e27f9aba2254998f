import { ShapeError, type Tensor } from '@badak/tensor'
import { encode } from 'fast-png'
import { Chart } from './chart.ts'
import { createSVG } from './histograms.ts'

/** How images are laid out, and what their values stand for. */
export interface ImageGridOptions {
  readonly title?: string
  /** Default: as square as they come. */
  readonly columns?: number
  /** The size of an image's pixel; default: so that an image is at least 48 wide. */
  readonly scale?: number
  /** A line below each. */
  readonly labels?: readonly string[]
  /**
   * Which values are black and white; default the least and the greatest. `symmetric` is for weights of one
   * channel: blue below 0, white 0, red above.
   */
  readonly range?: readonly [black: number, white: number] | 'symmetric'
}

/**
 * Images side by side: a batch, filters, feature maps.
 *
 * @param images `[N, C, H, W]` with one or three channels, or `[N, H, W]`
 * @throws ShapeError when they are something else
 */
export async function imageGrid(images: Tensor, options: ImageGridOptions = {}): Promise<Chart> {
  const [count, channels, height, width] =
    images.rank === 3 ? [images.shape[0]!, 1, ...images.shape.slice(1)] : images.shape
  if ((images.rank !== 3 && images.rank !== 4) || (channels !== 1 && channels !== 3)) {
    throw new ShapeError(
      `imageGrid: expected images [N, H, W], [N, 1, H, W] or [N, 3, H, W]: [${images.shape}]`,
    )
  }
  const data = (await images.cast('float32').data()) as Float32Array
  const {
    columns = Math.ceil(Math.sqrt(count!)),
    scale = Math.max(1, Math.ceil(48 / width!)),
    labels,
    title,
  } = options
  const toBytes = bytesOf(data, options.range)
  const pictures = Array.from({ length: count! }, (_, i) => {
    const planes = data.subarray(i * channels * height! * width!, (i + 1) * channels * height! * width!)
    return pngOf(planes, channels, height!, width!, toBytes)
  })
  const [cellWidth, cellHeight] = [width! * scale + 6, height! * scale + 6 + (labels ? 16 : 0)]
  const head = title === undefined ? 0 : 28
  return new Chart((document) => {
    const rows = Math.ceil(count! / columns)
    const svg = createSVG(document, columns * cellWidth, rows * cellHeight + head, title)
    for (const [i, picture] of pictures.entries()) {
      const [x, y] = [(i % columns) * cellWidth + 3, head + Math.floor(i / columns) * cellHeight + 3]
      const attributes = {
        href: picture,
        x,
        y,
        width: width! * scale,
        height: height! * scale,
        style: 'image-rendering: pixelated',
      }
      svg.append(create(document, 'image', attributes))
      if (!labels?.[i]) continue
      const text = create(document, 'text', { x: x + (width! * scale) / 2, y: y + height! * scale + 13 })
      text.setAttribute('text-anchor', 'middle')
      text.setAttribute('font-size', '11')
      text.setAttribute('fill', 'currentColor')
      text.textContent = labels[i]
      svg.append(text)
    }
    return svg
  })
}

/** Red, green and blue of a value. */
type Colour = (value: number) => readonly [number, number, number]

function bytesOf(data: Float32Array, range: ImageGridOptions['range']): Colour {
  if (range === 'symmetric') {
    const most = data.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 0) || 1
    return (value) => diverging(value / most)
  }
  const [black, white] = range ?? [
    data.reduce((least, value) => Math.min(least, value), Infinity),
    data.reduce((greatest, value) => Math.max(greatest, value), -Infinity),
  ]
  return (value) => {
    const grey = Math.round(255 * Math.min(1, Math.max(0, (value - black) / (white - black || 1))))
    return [grey, grey, grey]
  }
}

function pngOf(
  planes: Float32Array,
  channels: number,
  height: number,
  width: number,
  colour: Colour,
): string {
  const size = height * width
  const rgb = new Uint8Array(3 * size)
  for (let pixel = 0; pixel < size; pixel++) {
    if (channels === 1) rgb.set(colour(planes[pixel]!), 3 * pixel)
    else for (let c = 0; c < 3; c++) rgb[3 * pixel + c] = colour(planes[c * size + pixel]!)[c]!
  }
  const file = encode({ width, height, channels: 3, depth: 8, data: rgb })
  return `data:image/png;base64,${base64(file)}`
}

function base64(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

const negative = [33, 102, 172] as const
const positive = [214, 69, 45] as const

/** From −1 (blue) through 0 (white) to 1 (red). */
function diverging(value: number): readonly [number, number, number] {
  const end = value < 0 ? negative : positive
  const share = Math.min(1, Math.abs(value))
  const mix = (channel: number): number => Math.round(250 + (channel - 250) * share)
  return [mix(end[0]), mix(end[1]), mix(end[2])]
}

function create(
  document: Document,
  name: string,
  attributes: Readonly<Record<string, string | number>>,
): Element {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value))
  return element
}
