import type { Rectangle } from '@badak/images'
import { type Generator, ValueError } from '@badak/tensor'
import { between, chance, type Range } from './draws.ts'
import { crop, flipHorizontal, flipVertical, type GeometryOptions } from './geometry.ts'
import { resizeArea, type ResizeOptions } from './resize.ts'
import type { Sample } from './sample.ts'
import { checkProbability, type FixedTransform, type Transform } from './transform.ts'

/** Height and width, or both in one. */
export type Size = number | readonly [height: number, width: number]

/** Pixels on every side; left and right, top and bottom; or left, top, right and bottom. */
export type Padding = number | readonly [x: number, y: number] | readonly [number, number, number, number]

/** What a random flip is like. */
export interface FlipOptions {
  /** How likely it is; default ½. */
  readonly p?: number
  /** Of the points of each box, those that change names: left and right eyes, hands, feet. */
  readonly keypointPairs?: readonly (readonly [number, number])[]
}

/** Left and right change places with probability `p`. @throws ValueError unless p is from 0 to 1 */
export function randomHorizontalFlip({ p = 0.5, keypointPairs = [] }: FlipOptions = {}): Transform {
  checkProbability('randomHorizontalFlip', p)
  return (sample, generator) =>
    chance(generator, p) ? withSwapped(flipHorizontal(sample), keypointPairs) : sample
}

/** Top and bottom change places with probability `p`. @throws ValueError unless p is from 0 to 1 */
export function randomVerticalFlip({ p = 0.5, keypointPairs = [] }: FlipOptions = {}): Transform {
  checkProbability('randomVerticalFlip', p)
  return (sample, generator) =>
    chance(generator, p) ? withSwapped(flipVertical(sample), keypointPairs) : sample
}

/** In a mirror, a left eye is a right one. */
function withSwapped<S extends Sample>(sample: S, pairs: readonly (readonly [number, number])[]): S {
  const { keypoints, boxes } = sample
  if (!keypoints || pairs.length === 0) return sample
  const groups = boxes ? boxes.length / 4 : 1
  const each = keypoints.length / Math.max(groups, 1)
  const result = keypoints.slice()
  for (let group = 0; group < groups; group++) {
    for (const [a, b] of pairs) {
      const [first, second] = [group * each + 3 * a, group * each + 3 * b]
      if (3 * Math.max(a, b) >= each) {
        throw new ValueError(`flip: there are ${each / 3} keypoints: no pair ${a}, ${b}`)
      }
      result.set(keypoints.subarray(second, second + 3), first)
      result.set(keypoints.subarray(first, first + 3), second)
    }
  }
  return { ...sample, keypoints: result }
}

/** More room around a sample. @throws ValueError unless the padding is whole pixels, from 0 */
export function pad(padding: Padding, options: GeometryOptions = {}): FixedTransform {
  const [left, top, right, bottom] = sides('pad', padding)
  return (sample) => {
    const { width, height } = sample.image
    const area = { left: -left, top: -top, width: width + left + right, height: height + top + bottom }
    return crop(sample, area, options)
  }
}

function sides(operation: string, padding: Padding): readonly [number, number, number, number] {
  const list = typeof padding === 'number' ? [padding, padding] : padding
  const all = list.length === 4 ? list : ([list[0], list[1], list[0], list[1]] as const)
  if (all.every((side) => Number.isInteger(side) && side >= 0)) return all as [number, number, number, number]
  throw new ValueError(`${operation}: padding must be whole pixels, from 0: [${list}]`)
}

/** @throws ValueError unless both are whole pixels, from 1 */
function sizeOf(operation: string, size: Size): readonly [height: number, width: number] {
  const pair = typeof size === 'number' ? ([size, size] as const) : size
  if (pair.every((extent) => Number.isInteger(extent) && extent >= 1)) return pair
  throw new ValueError(`${operation}: size must be whole pixels, from 1: [${pair}]`)
}

/** The middle of a sample; where the image is smaller, `fill` stands around it. */
export function centerCrop(size: Size, options: GeometryOptions = {}): FixedTransform {
  const [height, width] = sizeOf('centerCrop', size)
  return (sample) => {
    const left = margin(sample.image.width - width)
    const top = margin(sample.image.height - height)
    return crop(sample, { left, top, width, height }, options)
  }
}

/** Half of what is left over, rounded as torchvision does: to even numbers, but up where there is too little. */
function margin(rest: number): number {
  const half = Math.floor(rest / 2)
  if (rest % 2 === 0) return half
  return rest < 0 || half % 2 !== 0 ? half + 1 : half
}

/** What a random crop is like. */
export interface RandomCropOptions extends GeometryOptions {
  /** Added on each side before; default 0. */
  readonly padding?: Padding
}

/**
 * A part of a sample, every place equally likely: the usual augmentation of CIFAR is `randomCrop(32, { padding:
 * 4 })`. Where the image is smaller than `size`, it comes to lie anywhere within.
 */
export function randomCrop(size: Size, options: RandomCropOptions = {}): Transform {
  const [height, width] = sizeOf('randomCrop', size)
  const [left, top, right, bottom] = sides('randomCrop', options.padding ?? 0)
  return (sample, generator) => {
    const { image } = sample
    const place = (room: number): number =>
      room >= 0 ? generator.integers(room + 1) : -generator.integers(1 - room)
    const x = place(image.width + left + right - width) - left
    const y = place(image.height + top + bottom - height) - top
    return crop(sample, { left: x, top: y, width, height }, options)
  }
}

/** What a random resized crop is like. */
export interface RandomResizedCropOptions extends ResizeOptions {
  /** Parts of the area of the image; default from 0.08 to 1. */
  readonly scale?: Range
  /** Width through height; default from 3/4 to 4/3. */
  readonly ratio?: Range
}

/**
 * A part of a sample, of random size and shape, drawn in one size: how networks learn from ImageNet.
 *
 * @throws ValueError when a range is empty or reaches 0 or below
 * @see Szegedy et al. 2015, "Going deeper with convolutions", arXiv:1409.4842
 */
export function randomResizedCrop(size: Size, options: RandomResizedCropOptions = {}): Transform {
  const [height, width] = sizeOf('randomResizedCrop', size)
  const { scale = [0.08, 1], ratio = [3 / 4, 4 / 3] } = options
  for (const [name, [from, to]] of Object.entries({ scale, ratio })) {
    if (!(from > 0 && from <= to)) {
      throw new ValueError(`randomResizedCrop: ${name} must be a range above 0: ${from} to ${to}`)
    }
  }
  return (sample, generator) => {
    const area = randomArea(sample.image, scale, ratio, generator)
    return resizeArea(sample, area, { width, height }, options)
  }
}

/** torchvision's: ten tries, then the middle. */
function randomArea(
  { width, height }: { readonly width: number; readonly height: number },
  scale: Range,
  ratio: Range,
  generator: Generator,
): Rectangle {
  const logarithms: Range = [Math.log(ratio[0]), Math.log(ratio[1])]
  for (let i = 0; i < 10; i++) {
    const area = width * height * between(generator, scale)
    const aspect = Math.exp(between(generator, logarithms))
    const [w, h] = [Math.round(Math.sqrt(area * aspect)), Math.round(Math.sqrt(area / aspect))]
    if (w < 1 || w > width || h < 1 || h > height) continue
    return {
      top: generator.integers(height - h + 1),
      left: generator.integers(width - w + 1),
      width: w,
      height: h,
    }
  }
  const [w, h] = [
    Math.max(1, Math.min(width, Math.round(height * ratio[1]))),
    Math.max(1, Math.min(height, Math.round(width / ratio[0]))),
  ]
  return { left: Math.floor((width - w) / 2), top: Math.floor((height - h) / 2), width: w, height: h }
}
