import type { Image } from '@badak/images'
import { type Level, pyramidOf } from './sprite.ts'
import type { Turn } from './turn.ts'

/** How a sprite lies in a scene. */
export interface Pose {
  /** The length, in pixels of the scene, that the sprite's longer side gets. */
  readonly size: number
  readonly turn: Turn
  /** Left and right exchanged, before it is turned. */
  readonly mirrored: boolean
  /** Where its centre lies within the pixel (0, 0). */
  readonly centre: readonly [x: number, y: number]
}

/** A sprite as it will appear, in pixels around the one where its centre is. */
export interface Patch {
  /** Column and row of the first pixel, relative to the centre's. */
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  /** Red, green, blue times alpha from 0 to 255, and alpha from 0 to 1. */
  readonly data: Float32Array
  /** Pixels that count as the object: at least half covered. */
  readonly area: number
}

/** From this alpha on a pixel is the object's. */
export const COVERED = 0.5

/** Scales, turns and mirrors a sprite: each pixel is the mean of the part of the sprite that it sees. */
export function drawSprite(image: Image, pose: Pose): Patch {
  const bounds = boundsOf(image, pose)
  const data = new Float32Array(bounds.width * bounds.height * 4)
  const reduction = Math.max(image.width, image.height) / pose.size
  const levels = pyramidOf(image)
  // The smallest level that is still at least as fine as the scene; four samples a pixel do the rest.
  let number = 0
  while (2 << number <= reduction && number + 1 < levels.length) number++
  const level = levels[number]!
  const samples = reduction > 1 ? 2 : 1
  const step = reduction / (1 << number)
  const middle = [image.width / (2 << number), image.height / (2 << number)] as const
  for (let sample = 0; sample < samples * samples; sample++) {
    const x = bounds.left - pose.centre[0] + ((sample % samples) + 0.5) / samples
    const y = bounds.top - pose.centre[1] + (Math.floor(sample / samples) + 0.5) / samples
    addSamples(data, bounds, level, gridOf(x, y, step, middle, pose))
  }
  return { ...bounds, data, area: normalise(data, samples * samples) }
}

/** The pixels that a turned sprite can touch. */
function boundsOf({ width, height }: Image, { size, turn, centre }: Pose): Bounds {
  const scale = size / Math.max(width, height)
  // Half a pixel of the sprite more: bilinear samples reach out so far.
  const [halfWidth, halfHeight] = [((width + 1) * scale) / 2, ((height + 1) * scale) / 2]
  const [cos, sin] = [Math.abs(turn.cos), Math.abs(turn.sin)]
  const [reachX, reachY] = [cos * halfWidth + sin * halfHeight, sin * halfWidth + cos * halfHeight]
  const [left, top] = [Math.floor(centre[0] - reachX), Math.floor(centre[1] - reachY)]
  const [right, bottom] = [Math.ceil(centre[0] + reachX), Math.ceil(centre[1] + reachY)]
  return { left, top, width: right - left, height: bottom - top }
}

type Bounds = Pick<Patch, 'left' | 'top' | 'width' | 'height'>

/** Where the samples of a patch lie in a level: at `u + ux·column + uy·row`, the same with v. */
interface SampleGrid {
  readonly u: number
  readonly ux: number
  readonly uy: number
  readonly v: number
  readonly vx: number
  readonly vy: number
}

/** @param x, y the first sample, from the centre of the sprite, in pixels of the scene */
function gridOf(
  x: number,
  y: number,
  step: number,
  middle: readonly [number, number],
  { turn, mirrored }: Pose,
): SampleGrid {
  const [cos, sin] = [step * turn.cos, step * turn.sin]
  const [ux, uy] = mirrored ? [-cos, -sin] : [cos, sin]
  // Half a pixel more: the frame is one pixel, the first pixel's middle half of one.
  const u = middle[0] + 0.5 + ux * x + uy * y
  const v = middle[1] + 0.5 - sin * x + cos * y
  return { u, ux, uy, v, vx: -sin, vy: cos }
}

/** Adds one bilinear sample to each pixel. */
function addSamples(data: Float32Array, { width, height }: Bounds, level: Level, grid: SampleGrid): void {
  const { data: texels } = level
  const row = (level.width + 2) * 4
  const [endU, endV] = [level.width + 1, level.height + 1]
  for (let y = 0; y < height; y++) {
    const rowU = grid.u + grid.uy * y
    const rowV = grid.v + grid.vy * y
    for (let x = 0; x < width; x++) {
      const u = rowU + grid.ux * x
      const v = rowV + grid.vx * x
      if (!(u >= 0 && v >= 0 && u < endU && v < endV)) continue
      const column = Math.floor(u)
      const line = Math.floor(v)
      const right = u - column
      const below = v - line
      const from = line * row + column * 4
      const w11 = right * below
      const w10 = right - w11
      const w01 = below - w11
      const w00 = 1 - right - w01
      const to = (y * width + x) * 4
      for (let c = 0; c < 4; c++) {
        data[to + c]! +=
          w00 * texels[from + c]! +
          w10 * texels[from + c + 4]! +
          w01 * texels[from + c + row]! +
          w11 * texels[from + c + row + 4]!
      }
    }
  }
}

/** Sums of samples become means, alpha a share. Returns how many pixels are covered. */
function normalise(data: Float32Array, samples: number): number {
  let area = 0
  for (let i = 0; i < data.length; i += 4) {
    for (let c = 0; c < 3; c++) data[i + c]! /= samples
    data[i + 3]! /= 255 * samples
    if (data[i + 3]! >= COVERED) area++
  }
  return area
}
