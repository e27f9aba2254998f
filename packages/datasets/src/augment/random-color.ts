import type { Image } from '@badak/images'
import { type Generator, ValueError } from '@badak/tensor'
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation, grayscale } from './color.ts'
import { autocontrast, equalize, invert, posterize, solarize } from './color-maps.ts'
import { between, chance, type Range, rangeAround } from './draws.ts'
import { adjustSharpness, gaussianBlur, gaussianNoise } from './filters.ts'
import { checkSample, type Sample } from './sample.ts'
import { checkProbability, type Transform } from './transform.ts'

/** How likely a transform is. */
export interface ProbabilityOptions {
  /** From 0 to 1; default ½. */
  readonly p?: number
}

/** Changes the image alone, with probability p. */
export function imageTransform(
  operation: string,
  p: number,
  change: (image: Image, generator: Generator) => Image,
): Transform {
  checkProbability(operation, p)
  return <S extends Sample>(sample: S, generator: Generator): S => {
    if (!chance(generator, p)) return sample
    checkSample(operation, sample)
    return { ...sample, image: change(sample.image, generator) }
  }
}

/** How far colours may change. */
export interface ColorJitterOptions {
  /** The factor is from max(0, 1 − x) to 1 + x, or from a range; default 0: none. */
  readonly brightness?: number | Range
  /** As for brightness. */
  readonly contrast?: number | Range
  /** As for brightness. */
  readonly saturation?: number | Range
  /** From −x to x, at most ½, or from a range; parts of the circle of hues. */
  readonly hue?: number | Range
}

/**
 * Changes brightness, contrast, saturation and hue at random, in random order. torchvision's `ColorJitter`.
 *
 * @throws ValueError when a range reaches below 0, or that of the hue beyond ±½
 */
export function colorJitter(options: ColorJitterOptions): Transform {
  const { brightness = 0, contrast = 0, saturation = 0, hue = 0 } = options
  const changes = [
    { of: adjustBrightness, range: factors('brightness', brightness), none: 1 },
    { of: adjustContrast, range: factors('contrast', contrast), none: 1 },
    { of: adjustSaturation, range: factors('saturation', saturation), none: 1 },
    { of: adjustHue, range: rangeAround('colorJitter', 'hue', hue), none: 0 },
  ]
  const [least, most] = changes[3]!.range
  if (least < -0.5 || most > 0.5) {
    throw new ValueError(`colorJitter: hue must be from -0.5 to 0.5: ${least} to ${most}`)
  }
  const active = changes.filter(({ range, none }) => range[0] !== none || range[1] !== none)
  return imageTransform('colorJitter', 1, (image, generator) =>
    generator
      .shuffle([...active])
      .reduce((changed, { of, range }) => of(changed, between(generator, range)), image),
  )
}

function factors(name: string, range: number | Range): Range {
  const pair = typeof range === 'number' ? ([Math.max(0, 1 - range), 1 + range] as const) : range
  if (typeof range === 'number' && range < 0) {
    throw new ValueError(`colorJitter: ${name} must be from 0: ${range}`)
  }
  if (pair[0] < 0) throw new ValueError(`colorJitter: ${name} must be from 0: ${pair[0]} to ${pair[1]}`)
  return rangeAround('colorJitter', name, pair)
}

/** Grey with probability p, in as many channels as before. Default 0.1. */
export function randomGrayscale({ p = 0.1 }: ProbabilityOptions = {}): Transform {
  return imageTransform('randomGrayscale', p, (image) => grayscale(image))
}

/** The negative, with probability p. */
export function randomInvert({ p = 0.5 }: ProbabilityOptions = {}): Transform {
  return imageTransform('randomInvert', p, invert)
}

/** The uppermost bits alone, with probability p. @throws ValueError unless bits is from 0 to 8 */
export function randomPosterize(bits: number, { p = 0.5 }: ProbabilityOptions = {}): Transform {
  return imageTransform('randomPosterize', p, (image) => posterize(image, bits))
}

/** The negative of what is not below `threshold`, with probability p. */
export function randomSolarize(threshold: number, { p = 0.5 }: ProbabilityOptions = {}): Transform {
  return imageTransform('randomSolarize', p, (image) => solarize(image, threshold))
}

/** All values about equally frequent, with probability p. */
export function randomEqualize({ p = 0.5 }: ProbabilityOptions = {}): Transform {
  return imageTransform('randomEqualize', p, equalize)
}

/** Values from 0 to 255, with probability p. */
export function randomAutocontrast({ p = 0.5 }: ProbabilityOptions = {}): Transform {
  return imageTransform('randomAutocontrast', p, autocontrast)
}

/** Sharper, or blurred below 1, with probability p. @throws ValueError when the factor is below 0 */
export function randomSharpness(factor: number, { p = 0.5 }: ProbabilityOptions = {}): Transform {
  return imageTransform('randomSharpness', p, (image) => adjustSharpness(image, factor))
}

/** What a random blur is like. */
export interface RandomBlurOptions extends ProbabilityOptions {
  /** Standard deviations, in pixels; default from 0.1 to 2. */
  readonly sigma?: number | Range
  /** Pixels across, odd; default: 3 deviations in either direction. */
  readonly kernelSize?: number
}

/** A Gaussian blur of random width, with probability p. @throws ValueError unless sigma is above 0 */
export function randomGaussianBlur(options: RandomBlurOptions = {}): Transform {
  const { sigma = [0.1, 2], kernelSize, p = 0.5 } = options
  const range = rangeAround('randomGaussianBlur', 'sigma', typeof sigma === 'number' ? [sigma, sigma] : sigma)
  if (range[0] <= 0)
    throw new ValueError(`randomGaussianBlur: sigma must be above 0: ${range[0]} to ${range[1]}`)
  return imageTransform('randomGaussianBlur', p, (image, generator) =>
    gaussianBlur(image, {
      sigma: between(generator, range),
      ...(kernelSize !== undefined && { kernelSize }),
    }),
  )
}

/** What random noise is like. */
export interface RandomNoiseOptions extends ProbabilityOptions {
  /** Standard deviations, in parts of the whole range of values; default from 0.02 to 0.1. */
  readonly sigma?: number | Range
}

/** Normal noise of random deviation, with probability p. @throws ValueError when sigma is below 0 */
export function randomGaussianNoise({ sigma = [0.02, 0.1], p = 0.5 }: RandomNoiseOptions = {}): Transform {
  const range = rangeAround(
    'randomGaussianNoise',
    'sigma',
    typeof sigma === 'number' ? [sigma, sigma] : sigma,
  )
  if (range[0] < 0)
    throw new ValueError(`randomGaussianNoise: sigma must be from 0: ${range[0]} to ${range[1]}`)
  return imageTransform('randomGaussianNoise', p, (image, generator) =>
    gaussianNoise(image, between(generator, range), generator),
  )
}
