import { composite, convert, crop, type Image, resize, toTensor } from '@badak/images'
import type { Tensor } from '@badak/tensor'
import type { Description } from './description.ts'

/** Where in a picture the input of a network lies, in pixels of the picture; it may reach beyond. */
export interface Frame {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** An image as a network takes it. */
export interface Prepared {
  /** `[1, C, H, W]`, values from 0 to 1 */
  readonly x: Tensor
  readonly frame: Frame
}

/**
 * Makes a network's input of an image, in the way of the images that it has learned from.
 *
 * @returns undefined when there is nothing in it: a page without ink
 */
export function prepare(image: Image, { input, preparation }: Description): Prepared | undefined {
  const opaque = composite(image)
  const framed =
    preparation === 'photo'
      ? squarePhoto(convert(opaque, input.channels), input)
      : onBlack(convert(opaque, 1), preparation === 'digit' ? digit : garment, input)
  if (!framed) return undefined
  const x = toTensor(framed.image, { channels: input.channels }).unsqueeze(0)
  return { x, frame: framed.frame }
}

type Size = Pick<Description['input'], 'height' | 'width'>

/** An image of the network's size, and where it was. */
export interface Framed {
  readonly image: Image
  readonly frame: Frame
}

/** Shorter side to size, and the middle. */
export function squarePhoto(image: Image, { height, width }: Size): Framed {
  const scale = Math.min(image.width / width, image.height / height)
  const [w, h] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))]
  const frame = {
    left: Math.floor((image.width - w) / 2),
    top: Math.floor((image.height - h) / 2),
    width: w,
    height: h,
  }
  return { image: resize(crop(image, frame), [height, width]), frame }
}

/** Grey values below this are paper. */
const FAINT = 40

/** What stands out from the background, white on black, as MNIST and its kin have it. */
function onBlack(
  image: Image,
  place: (ink: Image, box: Frame, size: Size) => Framed,
  size: Size,
): Framed | undefined {
  const ink = isLight(image) ? { ...image, data: image.data.map((grey) => 255 - grey) } : image
  const box = boundingBox(ink)
  return box && place(ink, box, size)
}

/** Whether the border is nearer to white than to black. */
function isLight({ width, height, data }: Image): boolean {
  let [sum, count] = [0, 0]
  for (let y = 0; y < height; y++) {
    const step = y === 0 || y === height - 1 ? 1 : Math.max(1, width - 1)
    for (let x = 0; x < width; x += step, count++) sum += data[y * width + x]!
  }
  return sum / count > 127
}

/** The least rectangle around all that is not faint. */
function boundingBox({ width, height, data }: Image): Frame | undefined {
  let [left, top, right, bottom] = [width, height, -1, -1]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[y * width + x]! < FAINT) continue
      left = Math.min(left, x)
      right = Math.max(right, x)
      top = Math.min(top, y)
      bottom = y
    }
  }
  return right < 0 ? undefined : { left, top, width: right - left + 1, height: bottom - top + 1 }
}

/**
 * As MNIST was made: the longer side of the digit becomes 20 pixels of 28, and its centre of mass comes to the
 * middle of the image.
 *
 * @see LeCun, Cortes & Burges, "The MNIST database of handwritten digits"
 */
function digit(ink: Image, box: Frame, { height, width }: Size): Framed {
  const scale = Math.max(box.width / (width * (20 / 28)), box.height / (height * (20 / 28)))
  const small = resize(crop(ink, box), sidesOf(box, scale))
  const [x, y] = centreOfMass(small)
  return paste(
    small,
    { left: Math.round(width / 2 - x), top: Math.round(height / 2 - y) },
    { box, scale, height, width },
  )
}

/** As Fashion-MNIST was made: the garment fills the image, in the middle. */
function garment(ink: Image, box: Frame, { height, width }: Size): Framed {
  const scale = Math.max(box.width / width, box.height / height)
  const small = resize(crop(ink, box), sidesOf(box, scale))
  const place = { left: Math.floor((width - small.width) / 2), top: Math.floor((height - small.height) / 2) }
  return paste(small, place, { box, scale, height, width })
}

function sidesOf(box: Frame, scale: number): [height: number, width: number] {
  return [Math.max(1, Math.round(box.height / scale)), Math.max(1, Math.round(box.width / scale))]
}

/** The mean place of the ink; pixels are areas. */
function centreOfMass({ width, data }: Image): [x: number, y: number] {
  let [mass, x, y] = [0, 0, 0]
  for (const [i, grey] of data.entries()) {
    mass += grey
    x += grey * ((i % width) + 0.5)
    y += grey * (Math.floor(i / width) + 0.5)
  }
  return [x / mass, y / mass]
}

/** A small image on a black one; what lies beyond the edge is cut off. */
function paste(
  small: Image,
  { left, top }: { readonly left: number; readonly top: number },
  { box, scale, height, width }: Size & { readonly box: Frame; readonly scale: number },
): Framed {
  const data = new Uint8Array(height * width)
  for (let y = 0; y < small.height; y++) {
    for (let x = 0; x < small.width; x++) {
      const [column, row] = [left + x, top + y]
      if (column < 0 || row < 0 || column >= width || row >= height) continue
      data[row * width + column] = small.data[y * small.width + x]!
    }
  }
  const frame = {
    left: box.left - left * scale,
    top: box.top - top * scale,
    width: width * scale,
    height: height * scale,
  }
  return { image: { width, height, channels: 1, data }, frame }
}
