import type { Image, Rectangle } from '@badak/images'
import { ValueError } from '@badak/tensor'
import { type BoxOptions, mapBoxFields } from './box-geometry.ts'
import {
  type AffineParameters,
  affineMap,
  type Homography,
  inverse,
  mapPoint,
  product,
  type Quadrilateral,
  quadrilateralMap,
  translation,
} from './homography.ts'
import { checkSample, type Sample } from './sample.ts'
import { cropImage, type Fill, flipImage, type Interpolation, warpImage } from './warp-image.ts'

/** How a sample looks after a change of its geometry. */
export interface GeometryOptions extends BoxOptions {
  /** Of the image; masks take the nearest pixel. Default `bilinear`. */
  readonly interpolation?: Interpolation
  /** Where nothing of the image comes to lie; default 0. */
  readonly fill?: Fill
  /** The same in the mask; default 0. */
  readonly maskFill?: number
}

/** How the parts of a sample are drawn anew, and where a point of it goes to. */
interface Redrawing {
  readonly map: Homography
  readonly image: (image: Image) => Image
  readonly mask: (mask: Image, fill: number) => Image
}

/** The one place where image, masks, boxes and points are moved together. */
export function redraw<S extends Sample>(
  operation: string,
  sample: S,
  drawing: Redrawing,
  options: GeometryOptions,
): S {
  checkSample(operation, sample)
  const image = drawing.image(sample.image)
  const { mask } = sample
  return {
    ...sample,
    image,
    ...(mask && { mask: drawing.mask(mask, options.maskFill ?? 0) }),
    // What is not of an instance is none of its class.
    ...mapBoxFields(sample, drawing.map, image, (instance) => drawing.mask(instance, 0), options),
  }
}

/**
 * A sample after a projective map of the plane: image, masks, boxes and points.
 *
 * @param sample
 * @param map from points of the old image to points of the new one
 * @param options `width` and `height` of the new image: default, those of the old one
 * @throws ShapeError when the parts of the sample do not fit each other
 * @throws ValueError when nothing takes the map back
 * @example
 * ```ts
 * warp(sample, product(translation(10, 0), scaling(2)), { width: 64, height: 64 })
 * ```
 */
export function warp<S extends Sample>(
  sample: S,
  map: Homography,
  options: GeometryOptions & { readonly width?: number; readonly height?: number } = {},
): S {
  const { width, height } = { ...sample.image, ...options }
  const { interpolation = 'bilinear', fill = 0 } = options
  const source = inverse(map)
  const drawing: Redrawing = {
    map,
    image: (image) => warpImage(image, source, { width, height, interpolation, fill }),
    mask: (mask, maskFill) =>
      warpImage(mask, source, { width, height, interpolation: 'nearest', fill: maskFill }),
  }
  return redraw('warp', sample, drawing, options)
}

/** Left and right change places. @throws ShapeError when the parts of the sample do not fit each other */
export function flipHorizontal<S extends Sample>(sample: S): S {
  return redraw('flip', sample, flipping('horizontal', [-1, 0, sample.image.width, 0, 1, 0, 0, 0, 1]), whole)
}

/** Top and bottom change places. @throws ShapeError when the parts of the sample do not fit each other */
export function flipVertical<S extends Sample>(sample: S): S {
  return redraw('flip', sample, flipping('vertical', [1, 0, 0, 0, -1, sample.image.height, 0, 0, 1]), whole)
}

/** A mirror keeps every box. */
const whole: GeometryOptions = { minBoxSize: 0 }

function flipping(axis: 'horizontal' | 'vertical', map: Homography): Redrawing {
  return { map, image: (image) => flipImage(image, axis), mask: (mask) => flipImage(mask, axis) }
}

/**
 * The part of a sample in a rectangle of whole pixels, which may reach beyond the image.
 *
 * @throws ValueError when the rectangle is no area of whole pixels
 */
export function crop<S extends Sample>(sample: S, area: Rectangle, options: GeometryOptions = {}): S {
  const { left, top, width, height } = area
  if (![left, top, width, height].every(Number.isInteger) || width < 1 || height < 1) {
    throw new ValueError(`crop: not an area of whole pixels: ${width} x ${height} at (${left}, ${top})`)
  }
  const drawing: Redrawing = {
    map: translation(-left, -top),
    image: (image) => cropImage(image, area, options.fill),
    mask: (mask, fill) => cropImage(mask, area, fill),
  }
  return redraw('crop', sample, drawing, options)
}

/**
 * A sample sheared, scaled and rotated about its centre, then translated; the size stays.
 *
 * @throws ValueError unless scale is above 0
 */
export function affine<S extends Sample>(
  sample: S,
  { center, ...parameters }: AffineParameters,
  options: GeometryOptions = {},
): S {
  const { width, height } = sample.image
  return warp(sample, affineMap({ ...parameters, center: center ?? [width / 2, height / 2] }), options)
}

/** What `rotate` may do besides. */
export interface RotateOptions extends GeometryOptions {
  /** Whether the new image holds all of the old one, turned about its centre; default false: the size stays. */
  readonly expand?: boolean
  /** What stays where it is, unless the image expands; default: the centre of the image. */
  readonly center?: readonly [x: number, y: number]
}

/**
 * A sample turned counter-clockwise; quarters of a turn are exact.
 *
 * @param sample
 * @param angle degrees
 * @param options
 * @throws ValueError when the angle is not finite
 */
export function rotate<S extends Sample>(sample: S, angle: number, options: RotateOptions = {}): S {
  if (!Number.isFinite(angle)) throw new ValueError(`rotate: angle must be finite: ${angle}`)
  const { width, height } = sample.image
  const middle = [width / 2, height / 2] as const
  const radians = (-angle * Math.PI) / 180
  // Otherwise a quarter of a turn would miss the pixels by 10⁻¹⁷.
  const [cosine, sine] = [rounded(Math.cos(radians)), rounded(Math.sin(radians))]
  const turn: Homography = [cosine, -sine, 0, sine, cosine, 0, 0, 0, 1]
  const turned = (from: readonly [number, number], to: readonly [number, number]): Homography =>
    product(translation(...to), product(turn, translation(-from[0], -from[1])))
  const { expand = false, center = middle } = options
  if (!expand) return warp(sample, turned(center, center), options)
  const corners = [[0, 0], [width, 0], [width, height], [0, height]] as const // prettier-ignore
  const about = inverse(turned(middle, middle))
  const points = corners.map(([x, y]) => mapPoint(about, x, y))
  const [w, h] = [0, 1].map((axis) => extentOf(points.map((point) => point[axis]!))) as [number, number]
  return warp(sample, turned(middle, [w / 2, h / 2]), { ...options, width: w, height: h })
}

/** How many whole pixels hold all of the numbers, as Pillow counts them. */
function extentOf(values: readonly number[]): number {
  return Math.ceil(Math.max(...values)) - Math.floor(Math.min(...values))
}

function rounded(value: number): number {
  return Math.round(value * 1e15) / 1e15
}

/**
 * A sample seen from elsewhere: four points of the old image come to lie at four points of the new one.
 *
 * @throws ValueError when three of the points are on a line
 */
export function perspective<S extends Sample>(
  sample: S,
  from: Quadrilateral,
  to: Quadrilateral,
  options: GeometryOptions = {},
): S {
  return warp(sample, quadrilateralMap(from, to), options)
}
