import { type Generator, IndexError, ShapeError, ValueError } from '@badak/tensor'
import { type ArrayDataset, type ArrayField, type ArrayFields, gatherField } from '../array-dataset.ts'
import type { Dataset, Draw } from '../dataset.ts'
import { ArrayPool, type HostArray, toTensors } from '../host-batch.ts'
import { between, noiseSource, type Range, rangeAround, sampleGenerator } from './draws.ts'
import { convolve, gaussianKernel } from './filters.ts'
import { affineMap, type Homography, inverse } from './homography.ts'

/** How far and how smoothly pixels move. */
export interface ElasticOptions {
  /** Pixels by which the smoothed noise is multiplied; Simard et al. take 34 for digits. */
  readonly alpha: number
  /** Deviation of the Gaussian, in pixels; they take 4. */
  readonly sigma: number
}

/** How arrays of grey images are warped. */
export interface RandomWarpOptions {
  /** Which field holds the images, `[N, C, H, W]`; default `x`. */
  readonly field?: string
  /** A turn, in degrees: up to so many in either direction, or a range; default 0. */
  readonly degrees?: number | Range
  /** A move, in pixels: up to so many in each direction, or to right and down; default 0. */
  readonly shift?: number | readonly [x: number, y: number]
  /** Default 1. */
  readonly scale?: Range
  /** Degrees by which the x axis leans: up to so many in either direction, or a range; default 0. */
  readonly shear?: number | Range
  /**
   * Moves every pixel for itself, but its neighbours with it: uniform noise from −1 to 1, smoothed by a Gaussian of
   * deviation `sigma` pixels, times `alpha` pixels. Default: none.
   */
  readonly elastic?: ElasticOptions
  /** What comes in from outside, before `lookup`; default 0. */
  readonly fill?: number
}

/**
 * A data set in memory whose images are turned, moved, scaled, sheared and bent at random, each epoch anew: for digits
 * and other small images, without a detour by way of samples. Interpolation is bilinear.
 *
 * @throws ShapeError when the field is not `[N, C, H, W]`
 * @throws ValueError when there is no such field, or a range runs backwards
 * @see Simard, Steinkraus & Platt 2003, "Best practices for convolutional neural networks applied to visual document
 *   analysis"
 * @example
 * ```ts
 * const train = randomWarp(await mnist('train'), { degrees: 10, shift: 2, scale: [0.9, 1.1] })
 * ```
 */
export function randomWarp<Fields extends ArrayFields>(
  dataset: ArrayDataset<Fields>,
  options: RandomWarpOptions = {},
): Dataset<ReturnType<ArrayDataset<Fields>['get']>> {
  const { field: name = 'x' } = options
  const field = dataset.fields[name]
  if (field === undefined) {
    throw new ValueError(`randomWarp: fields are ${Object.keys(dataset.fields).join(', ')}: ${name}`)
  }
  if (field.shape.length !== 4) {
    throw new ShapeError(`randomWarp: ${name} must be [N,C,H,W]: [${field.shape}]`)
  }
  const warp = new Warp(field, options)
  const pool = new ArrayPool(2)
  const others = Object.entries(dataset.fields).filter(([other]) => other !== name)

  const gather = (
    indices: Int32Array,
    { seed, epoch, occurrences }: Draw = { seed: 0, epoch: 0 },
    allocate: (size: number) => Float32Array,
  ): Record<string, HostArray> => {
    const data = allocate(indices.length * warp.size)
    for (const [at, index] of indices.entries()) {
      if (index < 0 || index >= dataset.length) {
        throw new IndexError(`randomWarp: there are ${dataset.length} samples: ${index}`)
      }
      warp.draw(index, data, at * warp.size, sampleGenerator(seed, epoch, index, occurrences?.[at]))
    }
    return {
      [name]: { data, shape: [indices.length, ...field.shape.slice(1)] },
      ...Object.fromEntries(others.map(([other, rows]) => [other, gatherField(rows, indices)])),
    }
  }

  return {
    length: dataset.length,
    random: true,
    gatherArrays: gather,
    gatherBatch(indices, draw) {
      const arrays = gather(indices, draw, pool.allocate)
      const batch = toTensors(arrays)
      for (const buffer of pool.lentTo(arrays)) pool.recycle(buffer)
      return batch as ReturnType<ArrayDataset<Fields>['get']>
    },
  }
}

/** Draws the images of one field. */
class Warp {
  /** Numbers in an image. */
  readonly size: number
  readonly #field: ArrayField
  readonly #extent: { readonly channels: number; readonly height: number; readonly width: number }
  readonly #ranges: Readonly<Record<'degrees' | 'x' | 'y' | 'scale' | 'shear', Range>>
  readonly #bending: Bending | undefined
  readonly #fill: number
  /** One channel with a border of what comes in from outside. */
  readonly #plane: Float32Array

  constructor(field: ArrayField, options: RandomWarpOptions) {
    const { degrees = 0, shift = 0, scale = [1, 1], shear = 0, elastic, fill = 0 } = options
    const [, channels, height, width] = field.shape as [number, number, number, number]
    const [x, y] = typeof shift === 'number' ? [shift, shift] : shift
    const range = (name: string, value: number | Range): Range => rangeAround('randomWarp', name, value)
    this.#ranges = {
      degrees: range('degrees', degrees),
      x: range('shift', x),
      y: range('shift', y),
      scale: range('scale', scale),
      shear: range('shear', shear),
    }
    if (scale[0] <= 0) throw new ValueError(`randomWarp: scale must be above 0: ${scale[0]} to ${scale[1]}`)
    this.size = channels * height * width
    this.#field = field
    this.#extent = { channels, height, width }
    this.#bending = elastic && new Bending(height, width, elastic)
    this.#fill = field.lookup ? field.lookup[fill]! : fill
    this.#plane = new Float32Array((height + 2) * (width + 2)).fill(this.#fill)
  }

  /** Sample `index`, drawn anew, to `start` of `out`. */
  draw(index: number, out: Float32Array, start: number, generator: Generator): void {
    const { channels, height, width } = this.#extent
    const source = this.#source(generator)
    const bends = this.#bending?.bends(generator)
    for (let c = 0; c < channels; c++) {
      const plane = c * height * width
      this.#load(index * this.size + plane)
      this.#resample(source, bends, out, start + plane)
    }
  }

  /** Where each point of the new image comes from. */
  #source(generator: Generator): Homography {
    const { height, width } = this.#extent
    const { degrees, x, y, scale, shear } = this.#ranges
    const map = affineMap({
      angle: between(generator, degrees),
      translate: [between(generator, x), between(generator, y)],
      scale: between(generator, scale),
      shear: [between(generator, shear), 0],
      center: [width / 2, height / 2],
    })
    return inverse(map)
  }

  /** Puts a channel into the frame. */
  #load(from: number): void {
    const { height, width } = this.#extent
    const { data, lookup } = this.#field
    const plane = this.#plane
    for (let y = 0, at = from; y < height; y++) {
      const row = (y + 1) * (width + 2) + 1
      if (lookup) for (let x = 0; x < width; x++) plane[row + x] = lookup[data[at++]!]!
      else for (let x = 0; x < width; x++) plane[row + x] = data[at++]!
    }
  }

  #resample(m: Homography, bends: Float32Array | undefined, out: Float32Array, start: number): void {
    const { height, width } = this.#extent
    const plane = this.#plane
    const line = width + 2
    for (let y = 0, to = start, bend = 0; y < height; y++) {
      for (let x = 0; x < width; x++, to++) {
        // In the frame, whose first pixel has its centre at (−½, −½).
        let u = m[0] * (x + 0.5) + m[1] * (y + 0.5) + m[2] + 0.5
        let v = m[3] * (x + 0.5) + m[4] * (y + 0.5) + m[5] + 0.5
        if (bends) {
          u += bends[bend++]!
          v += bends[bend++]!
        }
        u = u < 0 ? 0 : u > width + 1 ? width + 1 : u
        v = v < 0 ? 0 : v > height + 1 ? height + 1 : v
        const x0 = u > width ? width : u | 0
        const y0 = v > height ? height : v | 0
        const at = y0 * line + x0
        const dx = u - x0
        const top = plane[at]! + (plane[at + 1]! - plane[at]!) * dx
        const bottom = plane[at + line]! + (plane[at + line + 1]! - plane[at + line]!) * dx
        out[to] = top + (bottom - top) * (v - y0)
      }
    }
  }
}

/**
 * Smooth fields of displacements. The noise is drawn on a grid of points half a deviation apart, and interpolated:
 * what is as smooth as that has nothing in between.
 */
class Bending {
  readonly #height: number
  readonly #width: number
  readonly #alpha: number
  /** Pixels from point to point. */
  readonly #step: number
  readonly #rows: number
  readonly #columns: number
  readonly #kernel: Float64Array
  readonly #noise: Float32Array
  readonly #smooth: Float32Array
  readonly #bends: Float32Array

  constructor(height: number, width: number, { alpha, sigma }: ElasticOptions) {
    if (!(alpha >= 0 && Number.isFinite(alpha))) {
      throw new ValueError(`randomWarp: elastic: alpha must be from 0: ${alpha}`)
    }
    this.#step = Math.max(1, Math.floor(sigma / 2))
    this.#kernel = gaussianKernel(sigma / this.#step)
    this.#height = height
    this.#width = width
    // Noise on fewer points is less averaged.
    this.#alpha = alpha / this.#step
    this.#rows = Math.ceil((height - 1) / this.#step) + 1
    this.#columns = Math.ceil((width - 1) / this.#step) + 1
    if (this.#kernel.length > 2 * Math.min(this.#rows, this.#columns) - 1) {
      throw new ValueError(
        `randomWarp: elastic: sigma is too large for ${width} x ${height} pixels: ${sigma}`,
      )
    }
    this.#noise = new Float32Array(2 * this.#rows * this.#columns)
    this.#smooth = new Float32Array(2 * this.#rows * this.#columns)
    this.#bends = new Float32Array(2 * height * width)
  }

  /** To the right and down, for each pixel: the same array each time. */
  bends(generator: Generator): Float32Array {
    const [rows, columns, noise, smooth] = [this.#rows, this.#columns, this.#noise, this.#smooth]
    const uniform = noiseSource(generator)
    for (let i = 0; i < noise.length; i++) noise[i] = this.#alpha * (2 * uniform() - 1)
    convolve(noise, smooth, this.#kernel, { lines: 1, steps: rows, lanes: 2 * columns })
    convolve(smooth, noise, this.#kernel, { lines: rows, steps: columns, lanes: 2 })
    this.#interpolate(noise)
    return this.#bends
  }

  #interpolate(points: Float32Array): void {
    const [step, columns, out] = [this.#step, this.#columns, this.#bends]
    for (let y = 0, to = 0; y < this.#height; y++) {
      const row = Math.floor(y / step)
      const dy = y / step - row
      const upper = 2 * row * columns
      const lower = dy === 0 ? upper : upper + 2 * columns
      for (let x = 0; x < this.#width; x++) {
        const column = Math.floor(x / step)
        const dx = x / step - column
        for (let at = 2 * column; at < 2 * column + 2; at++) {
          const right = dx === 0 ? at : at + 2
          const top = points[upper + at]! + (points[upper + right]! - points[upper + at]!) * dx
          const bottom = points[lower + at]! + (points[lower + right]! - points[lower + at]!) * dx
          out[to++] = top + (bottom - top) * dy
        }
      }
    }
  }
}
