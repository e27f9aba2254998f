import type { Image } from '@badak/images'
import { ShapeError, ValueError } from '@badak/tensor'
import { Chart } from './chart.ts'
import { classColors, rgbOf } from './class-colors.ts'
import { pngURI } from './images.ts'
import { createElement, createSVG, TITLE_HEIGHT } from './svg.ts'

/** Something in an image: where it is and what. */
export interface Annotation {
  /** Left, top, right and bottom edges in pixels. */
  readonly box: readonly [x1: number, y1: number, x2: number, y2: number]
  /** Its class. */
  readonly label: number
  /** How sure one is of it, from 0 to 1. */
  readonly score?: number
}

/** An image with what is known of it, or what a model says. */
export interface AnnotatedImage {
  /** One channel, three or four. */
  readonly image: Image
  /** The class of each pixel: one channel, as large as the image; 255 is no class. */
  readonly mask?: Image
  readonly boxes?: readonly Annotation[]
  /** A line below the image. */
  readonly caption?: string
}

/** How annotated images are drawn. */
export interface AnnotatedImagesOptions {
  /** What the classes are called, from 0; a class beyond them is told by its number. */
  readonly classes?: readonly string[]
  /** Their colours, as `#rrggbb`; default `classColors`. `vocColors` are those of Pascal VOC. */
  readonly colors?: readonly string[]
  /** How much of a mask is seen, from 0 to 1; default 0.5. Its outlines are seen whole. */
  readonly maskOpacity?: number
  /** Which class is left clear in masks; default 0, the background. */
  readonly background?: number
  /** Default: as square as they come. */
  readonly columns?: number
  /** The size of an image's pixel; default: so that an image is at least 192 wide. */
  readonly scale?: number
  /** Whether a line at the end says which colour is which class; default: when there are masks and classes. */
  readonly legend?: boolean
  readonly title?: string
}

/**
 * Images with boxes, names and masks over them: data to be checked, or predictions.
 *
 * @throws ShapeError when a mask is not as large as its image
 * @throws ValueError when there is no image
 *
 * @example
 * ```ts
 * const image = { width: 4, height: 2, channels: 1, data: new Uint8Array(8) } as const
 * const boxes = [{ box: [1, 0, 3, 2], label: 1 }] as const
 * const chart = await annotatedImages([{ image, boxes }], { classes: ['background', 'cat'] })
 * const svg = chart.toSVG()
 * ```
 */
export async function annotatedImages(
  images: readonly AnnotatedImage[],
  options: AnnotatedImagesOptions = {},
): Promise<Chart> {
  checkImages(images)
  const style = styleOf(images, options)
  const pictures = await Promise.all(images.map((image) => picturesOf(image, style)))
  const columns = options.columns ?? Math.ceil(Math.sqrt(images.length))
  const width = Math.max(...images.map(({ image }) => image.width)) * style.scale
  const height = Math.max(...images.map(({ image }) => image.height)) * style.scale
  const caption = images.some((image) => image.caption !== undefined) ? 18 : 0
  const head = options.title === undefined ? 0 : TITLE_HEIGHT
  const [cellWidth, cellHeight] = [width + 10, height + 10 + caption]
  const rows = Math.ceil(images.length / columns)
  return new Chart((document) => {
    const legend = style.legend ? legendOf(document, images, style, columns * cellWidth) : undefined
    const end = head + rows * cellHeight
    const svg = createSVG(document, columns * cellWidth, end + (legend?.height ?? 0), options.title)
    for (const [i, image] of images.entries()) {
      const [x, y] = [(i % columns) * cellWidth + 5, head + Math.floor(i / columns) * cellHeight + 5]
      const group = createElement(document, 'svg', { x, y, width, height: height + caption })
      draw(document, group, image, pictures[i]!, style)
      svg.append(group)
    }
    if (legend) {
      legend.element.setAttribute('transform', `translate(5 ${end})`)
      svg.append(legend.element)
    }
    return svg
  })
}

/** Options with nothing left open. */
interface Style {
  readonly nameOf: (label: number) => string
  readonly colorOf: (label: number) => string
  readonly maskOpacity: number
  readonly background: number
  readonly scale: number
  readonly legend: boolean
}

function styleOf(images: readonly AnnotatedImage[], options: AnnotatedImagesOptions): Style {
  const { classes = [], maskOpacity = 0.5, background = 0 } = options
  const colors = options.colors ?? classColors(Math.max(classes.length, 256))
  const widest = Math.max(...images.map(({ image }) => image.width))
  return {
    nameOf: (label) => classes[label] ?? String(label),
    colorOf: (label) => colors[label % colors.length]!,
    maskOpacity,
    background,
    scale: options.scale ?? Math.max(1, Math.ceil(192 / widest)),
    legend: options.legend ?? (classes.length > 0 && images.some(({ mask }) => mask !== undefined)),
  }
}

function checkImages(images: readonly AnnotatedImage[]): void {
  if (images.length === 0) throw new ValueError('annotatedImages: no images: []')
  for (const { image, mask } of images) {
    if (mask === undefined) continue
    if (mask.width !== image.width || mask.height !== image.height || mask.channels !== 1) {
      throw new ShapeError(
        `annotatedImages: a mask has one channel and the size of its image: ${sizeOf(mask)} for ${sizeOf(image)}`,
      )
    }
  }
}

const sizeOf = ({ width, height, channels }: Image): string => `${width}x${height}x${channels}`

/** An image and the colours that lie over it, as data URIs. */
function picturesOf({ image, mask }: AnnotatedImage, style: Style): Promise<string[]> {
  return Promise.all([image, ...(mask ? [overlayOf(mask, style)] : [])].map(pngURI))
}

/** One image, what is over it and what is below, from (0, 0). */
function draw(
  document: Document,
  group: Element,
  { image, boxes = [], caption }: AnnotatedImage,
  pictures: readonly string[],
  style: Style,
): void {
  const size = { width: image.width * style.scale, height: image.height * style.scale }
  for (const href of pictures) {
    group.append(createElement(document, 'image', { href, ...size, style: 'image-rendering: pixelated' }))
  }
  for (const { box, label } of boxes) group.append(...frame(document, box, style.colorOf(label), style.scale))
  // Above all frames, so that each can be read.
  for (const box of boxes) group.append(...nameTag(document, box, size, style))
  if (caption === undefined) return
  const text = createElement(document, 'text', {
    x: 0,
    y: size.height + 14,
    'font-size': 12,
    fill: 'currentColor',
  })
  text.textContent = shortened(caption, size.width)
  const whole = createElement(document, 'title', {})
  whole.textContent = caption
  text.append(whole)
  group.append(text)
}

/** As much of a line as there is room for. */
function shortened(text: string, width: number): string {
  const room = Math.floor(width / 6)
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`
}

/** Colours over the classes of a mask, its outlines without anything shining through. */
function overlayOf({ width, height, data }: Image, style: Style): Image {
  const { maskOpacity, background, colorOf } = style
  const rgba = new Uint8Array(width * height * 4)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x
      const label = data[pixel]!
      if (label === background) continue
      const inner =
        (x === 0 || data[pixel - 1] === label) &&
        (x === width - 1 || data[pixel + 1] === label) &&
        (y === 0 || data[pixel - width] === label) &&
        (y === height - 1 || data[pixel + width] === label)
      const color = label === 255 ? '#e0e0c0' : colorOf(label)
      rgba.set([...rgbOf(color), inner ? Math.round(255 * maskOpacity) : 255], pixel * 4)
    }
  }
  return { width, height, channels: 4, data: rgba }
}

/** A box as two rectangles, the lower one light and wider: it is seen on any ground. */
function frame(document: Document, box: Annotation['box'], color: string, scale: number): Element[] {
  const [left, top, right, bottom] = box.map((edge) => edge * scale) as [number, number, number, number]
  const place = { x: left, y: top, width: right - left, height: bottom - top, fill: 'none' }
  return [
    createElement(document, 'rect', { ...place, stroke: '#fff', 'stroke-width': 3, 'stroke-opacity': 0.6 }),
    createElement(document, 'rect', { ...place, stroke: color, 'stroke-width': 1.75 }),
  ]
}

/** A name above a box, or within it where the image ends. */
function nameTag(
  document: Document,
  { box, label, score }: Annotation,
  image: { readonly width: number; readonly height: number },
  { scale, colorOf, nameOf }: Style,
): Element[] {
  const name = score === undefined ? nameOf(label) : `${nameOf(label)} ${Math.round(score * 100)} %`
  const width = Math.round(name.length * 5.9 + 6)
  const [left, top] = [box[0] * scale, box[1] * scale]
  const x = Math.max(0, Math.min(left - 1, image.width - width))
  const y = top >= 14 ? top - 14 : Math.max(0, top)
  const text = createElement(document, 'text', { x: x + 3, y: y + 10.5, 'font-size': 10.5, fill: '#fff' })
  text.textContent = name
  return [createElement(document, 'rect', { x, y, width, height: 14, fill: colorOf(label), rx: 2 }), text]
}

/** The classes that are seen, each with its colour, in as many lines as they need. */
function legendOf(
  document: Document,
  images: readonly AnnotatedImage[],
  { background, colorOf, nameOf }: Style,
  width: number,
): { element: Element; height: number } {
  const seen = new Set<number>()
  for (const { mask, boxes = [] } of images) {
    for (const label of mask?.data ?? []) seen.add(label)
    for (const { label } of boxes) seen.add(label)
  }
  const element = createElement(document, 'g', { 'font-size': 12 })
  let [x, y] = [0, 8]
  for (const label of [...seen].toSorted((a, b) => a - b)) {
    if (label === background || label === 255) continue
    const name = nameOf(label)
    const room = 24 + name.length * 7
    if (x > 0 && x + room > width) [x, y] = [0, y + 20]
    element.append(
      createElement(document, 'rect', { x, y, width: 12, height: 12, rx: 3, fill: colorOf(label) }),
    )
    const text = createElement(document, 'text', { x: x + 17, y: y + 10.5, fill: 'currentColor' })
    text.textContent = name
    element.append(text)
    x += room
  }
  return { element, height: y + 24 }
}
