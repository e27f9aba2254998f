import { ValueError } from '@badak/tensor'
import { between, chance, type Range, rangeAround } from './draws.ts'
import { affine, type GeometryOptions, perspective, rotate, type RotateOptions } from './geometry.ts'
import { checkProbability, type Transform } from './transform.ts'
import type { Quadrilateral } from './homography.ts'

/**
 * A turn by a random angle.
 *
 * @param degrees up to so many in either direction; or a range, counter-clockwise
 * @param options
 * @throws ValueError when the range runs backwards
 */
export function randomRotation(degrees: number | Range, options: RotateOptions = {}): Transform {
  const range = rangeAround('randomRotation', 'degrees', degrees)
  return (sample, generator) => rotate(sample, between(generator, range), options)
}

/** What a random affine transform is made of. */
export interface RandomAffineOptions extends GeometryOptions {
  /** Up to so many in either direction, or a range, clockwise; default 0. */
  readonly degrees?: number | Range
  /** Parts of width and height, up to which it moves in either direction; default 0, 0. */
  readonly translate?: readonly [x: number, y: number]
  /** Default 1. */
  readonly scale?: Range
  /** Degrees by which the x axis leans, or both axes; up to so many in either direction, or a range. */
  readonly shear?: number | readonly [x: number | Range, y: number | Range]
}

/**
 * A random turn, move, change of scale and shear about the centre.
 *
 * @throws ValueError when a range runs backwards, a scale is not above 0, or a translation not from 0 to 1
 */
export function randomAffine(options: RandomAffineOptions = {}): Transform {
  const { degrees = 0, translate = [0, 0], scale = [1, 1], shear = 0 } = options
  const [shearX, shearY] = typeof shear === 'number' ? [shear, 0] : shear
  const ranges = {
    angle: rangeAround('randomAffine', 'degrees', degrees),
    scale: rangeAround('randomAffine', 'scale', scale),
    shearX: rangeAround('randomAffine', 'shear', shearX),
    shearY: rangeAround('randomAffine', 'shear', shearY),
  }
  if (scale[0] <= 0) throw new ValueError(`randomAffine: scale must be above 0: ${scale[0]} to ${scale[1]}`)
  if (!translate.every((part) => part >= 0 && part <= 1)) {
    throw new ValueError(`randomAffine: translate must be from 0 to 1: [${translate}]`)
  }
  return (sample, generator) => {
    const { width, height } = sample.image
    const draw = (range: Range): number => between(generator, range)
    const angle = draw(ranges.angle)
    const x = draw(rangeAround('randomAffine', 'translate', translate[0] * width))
    const y = draw(rangeAround('randomAffine', 'translate', translate[1] * height))
    const factor = draw(ranges.scale)
    const lean: [number, number] = [draw(ranges.shearX), draw(ranges.shearY)]
    return affine(
      sample,
      { angle, translate: [Math.round(x), Math.round(y)], scale: factor, shear: lean },
      options,
    )
  }
}

/** What a random perspective is like. */
export interface RandomPerspectiveOptions extends GeometryOptions {
  /** How far corners move in, as a part of half the size; from 0 to 1; default ½. */
  readonly distortion?: number
  /** How likely it is; default ½. */
  readonly p?: number
}

/**
 * With probability `p`, the sample seen from elsewhere: each corner moves in by a random distance.
 *
 * @throws ValueError unless p and distortion are from 0 to 1
 */
export function randomPerspective(options: RandomPerspectiveOptions = {}): Transform {
  const { distortion = 0.5, p = 0.5 } = options
  checkProbability('randomPerspective', p)
  if (!(distortion >= 0 && distortion <= 1)) {
    throw new ValueError(`randomPerspective: distortion must be from 0 to 1: ${distortion}`)
  }
  return (sample, generator) => {
    if (!chance(generator, p)) return sample
    const { width, height } = sample.image
    const corners: Quadrilateral = [
      [0, 0],
      [width, 0],
      [width, height],
      [0, height],
    ]
    const move = (extent: number): number => (distortion * extent * generator.uniform()) / 2
    const moved = corners.map(([x, y]) => {
      const [dx, dy] = [move(width), move(height)]
      return [x === 0 ? dx : x - dx, y === 0 ? dy : y - dy] as const
    })
    return perspective(sample, corners, moved as unknown as Quadrilateral, options)
  }
}
