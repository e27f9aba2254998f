import { type Generator, ValueError } from '@badak/tensor'
import { adjustBrightness, adjustContrast, adjustSaturation } from './color.ts'
import { autocontrast, equalize, invert, posterize, solarize } from './color-maps.ts'
import { adjustSharpness } from './filters.ts'
import { affine, type GeometryOptions, rotate } from './geometry.ts'
import type { Sample } from './sample.ts'
import type { Transform } from './transform.ts'

/** What the policies choose from. */
export type PolicyOperation =
  | 'identity' | 'shearX' | 'shearY' | 'translateX' | 'translateY' | 'rotate' | 'brightness' | 'color' | 'contrast'
  | 'sharpness' | 'posterize' | 'solarize' | 'autocontrast' | 'equalize' | 'invert' // prettier-ignore

/** How strong an operation is at a level from 0 to 1, and whether it goes either way. */
interface Strength {
  readonly at: (level: number, size: { readonly width: number; readonly height: number }) => number
  readonly signed: boolean
}

type Strengths = Readonly<Partial<Record<PolicyOperation, Strength>>>

const signedUpTo = (most: number): Strength => ({ at: (level) => level * most, signed: true })
const none: Strength = { at: () => 0, signed: false }

/** Of RandAugment and AutoAugment, as torchvision has them; `bits` are lost at most by posterizing. */
function strengths(
  most: { shear: number; rotate: number; factor: number; bits: number },
  move: Strengths,
): Strengths {
  return {
    shearX: signedUpTo(most.shear),
    shearY: signedUpTo(most.shear),
    ...move,
    rotate: signedUpTo(most.rotate),
    brightness: signedUpTo(most.factor),
    color: signedUpTo(most.factor),
    contrast: signedUpTo(most.factor),
    sharpness: signedUpTo(most.factor),
    posterize: { at: (level) => 8 - roundToEven(level * most.bits), signed: false },
    solarize: { at: (level) => 255 * (1 - level), signed: false },
    autocontrast: none,
    equalize: none,
  }
}

/** Of halves to the even integer, as NumPy and PyTorch round. */
function roundToEven(value: number): number {
  const below = Math.floor(value)
  if (value - below !== 0.5) return Math.round(value)
  return below % 2 === 0 ? below : below + 1
}

/** How strong the operations of each policy are. Functions: a bundle without policies has nothing of them. */
export const strengthsOf = {
  autoAugment: (): Strengths => ({ ...usual(), invert: none }),
  randAugment: (): Strengths => ({ identity: none, ...usual() }),
  trivialAugment: (): Strengths => ({
    identity: none,
    ...strengths(
      { shear: 0.99, rotate: 135, factor: 0.99, bits: 6 },
      { translateX: signedUpTo(32), translateY: signedUpTo(32) },
    ),
  }),
}

function usual(): Strengths {
  return strengths(
    { shear: 0.3, rotate: 30, factor: 0.9, bits: 4 },
    {
      translateX: { at: (level, { width }) => (level * 150 * width) / 331, signed: true },
      translateY: { at: (level, { height }) => (level * 150 * height) / 331, signed: true },
    },
  )
}

/**
 * One operation of the policies, at a magnitude in units of its own: a slope, pixels, degrees, a change of a
 * factor, bits that remain, a threshold.
 */
export function applyOperation<S extends Sample>(
  sample: S,
  operation: PolicyOperation,
  magnitude: number,
  options: GeometryOptions,
): S {
  const slope = (Math.atan(magnitude) * 180) / Math.PI
  const { image } = sample
  switch (operation) {
    case 'identity':
      return sample
    case 'shearX':
      return affine(sample, { shear: [slope, 0], center: [0, 0] }, options)
    case 'shearY':
      return affine(sample, { shear: [0, slope], center: [0, 0] }, options)
    case 'translateX':
      return affine(sample, { translate: [Math.trunc(magnitude), 0] }, options)
    case 'translateY':
      return affine(sample, { translate: [0, Math.trunc(magnitude)] }, options)
    case 'rotate':
      return rotate(sample, magnitude, options)
    case 'brightness':
      return { ...sample, image: adjustBrightness(image, 1 + magnitude) }
    case 'color':
      return { ...sample, image: adjustSaturation(image, 1 + magnitude) }
    case 'contrast':
      return { ...sample, image: adjustContrast(image, 1 + magnitude) }
    case 'sharpness':
      return { ...sample, image: adjustSharpness(image, 1 + magnitude) }
    case 'posterize':
      return { ...sample, image: posterize(image, magnitude) }
    case 'solarize':
      return { ...sample, image: solarize(image, magnitude) }
    case 'autocontrast':
      return { ...sample, image: autocontrast(image) }
    case 'equalize':
      return { ...sample, image: equalize(image) }
    case 'invert':
      return { ...sample, image: invert(image) }
  }
}

/** An operation at a level from 0 to 1, in a random direction where it has two. */
export function applyAtLevel<S extends Sample>(
  sample: S,
  operation: PolicyOperation,
  level: number,
  strengths: Strengths,
  generator: Generator,
  options: GeometryOptions,
): S {
  const { at, signed } = strengths[operation]!
  const magnitude = at(level, sample.image)
  return applyOperation(
    sample,
    operation,
    signed && generator.integers(2) === 0 ? -magnitude : magnitude,
    options,
  )
}

/** What RandAugment does. */
export interface RandAugmentOptions extends GeometryOptions {
  /** How many operations, one after another; default 2. */
  readonly operations?: number
  /** How strong each is: from 0 to `levels` − 1; default 9. */
  readonly magnitude?: number
  /** How many magnitudes there are; default 31. */
  readonly levels?: number
}

/**
 * A few operations at random, all of one strength: an augmentation for any data with two numbers to choose. Boxes,
 * masks and points move with the image.
 *
 * Pixels outside are `fill`, interpolation is by default `nearest`, as in torchvision.
 *
 * @throws ValueError unless operations and magnitude are counts, the magnitude below `levels`
 * @see Cubuk, Zoph, Shlens & Le 2020, "RandAugment", arXiv:1909.13719
 */
export function randAugment(options: RandAugmentOptions = {}): Transform {
  const { operations = 2, magnitude = 9, levels = 31, ...geometry } = options
  if (!(Number.isInteger(operations) && operations >= 0)) {
    throw new ValueError(`randAugment: operations must be a count: ${operations}`)
  }
  if (
    !(
      Number.isInteger(levels) &&
      levels >= 2 &&
      Number.isInteger(magnitude) &&
      magnitude >= 0 &&
      magnitude < levels
    )
  ) {
    throw new ValueError(`randAugment: magnitude must be an integer from 0 to ${levels - 1}: ${magnitude}`)
  }
  const space = strengthsOf.randAugment()
  const names = Object.keys(space) as PolicyOperation[]
  const level = magnitude / (levels - 1)
  return (sample, generator) => {
    let result = sample
    for (let i = 0; i < operations; i++) {
      const operation = names[generator.integers(names.length)]!
      result = applyAtLevel(result, operation, level, space, generator, {
        interpolation: 'nearest',
        ...geometry,
      })
    }
    return result
  }
}

/** What TrivialAugment does. */
export interface TrivialAugmentOptions extends GeometryOptions {
  /** How many magnitudes there are; default 31. */
  readonly levels?: number
}

/**
 * One operation at random, of random strength: nothing is left to choose.
 *
 * @throws ValueError unless levels is an integer from 2
 * @see Müller & Hutter 2021, "TrivialAugment", arXiv:2103.10158
 */
export function trivialAugment({ levels = 31, ...geometry }: TrivialAugmentOptions = {}): Transform {
  if (!(Number.isInteger(levels) && levels >= 2)) {
    throw new ValueError(`trivialAugment: levels must be an integer from 2: ${levels}`)
  }
  const space = strengthsOf.trivialAugment()
  const names = Object.keys(space) as PolicyOperation[]
  return (sample, generator) => {
    const operation = names[generator.integers(names.length)]!
    const level = generator.integers(levels) / (levels - 1)
    return applyAtLevel(sample, operation, level, space, generator, { interpolation: 'nearest', ...geometry })
  }
}
