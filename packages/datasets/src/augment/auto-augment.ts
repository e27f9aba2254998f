import { type Generator, ValueError } from '@badak/tensor'
import type { GeometryOptions } from './geometry.ts'
import { applyAtLevel, type PolicyOperation, strengthsOf } from './policies.ts'
import type { Sample } from './sample.ts'
import type { Transform } from './transform.ts'

/** The data for which a policy was found. */
export type AutoAugmentPolicy = 'imagenet' | 'cifar10' | 'svhn'

/** Each line is a pair of operations: the name, how likely it is, and how strong, from 0 to 9. */
const policies: Readonly<Record<AutoAugmentPolicy, string>> = {
  imagenet: `
    posterize 0.4 8, rotate 0.6 9
    solarize 0.6 5, autocontrast 0.6
    equalize 0.8, equalize 0.6
    posterize 0.6 7, posterize 0.6 6
    equalize 0.4, solarize 0.2 4
    equalize 0.4, rotate 0.8 8
    solarize 0.6 3, equalize 0.6
    posterize 0.8 5, equalize 1
    rotate 0.2 3, solarize 0.6 8
    equalize 0.6, posterize 0.4 6
    rotate 0.8 8, color 0.4 0
    rotate 0.4 9, equalize 0.6
    equalize 0, equalize 0.8
    invert 0.6, equalize 1
    color 0.6 4, contrast 1 8
    rotate 0.8 8, color 1 2
    color 0.8 8, solarize 0.8 7
    sharpness 0.4 7, invert 0.6
    shearX 0.6 5, equalize 1
    color 0.4 0, equalize 0.6
    equalize 0.4, solarize 0.2 4
    solarize 0.6 5, autocontrast 0.6
    invert 0.6, equalize 1
    color 0.6 4, contrast 1 8
    equalize 0.8, equalize 0.6`,
  cifar10: `
    invert 0.1, contrast 0.2 6
    rotate 0.7 2, translateX 0.3 9
    sharpness 0.8 1, sharpness 0.9 3
    shearY 0.5 8, translateY 0.7 9
    autocontrast 0.5, equalize 0.9
    shearY 0.2 7, posterize 0.3 7
    color 0.4 3, brightness 0.6 7
    sharpness 0.3 9, brightness 0.7 9
    equalize 0.6, equalize 0.5
    contrast 0.6 7, sharpness 0.6 5
    color 0.7 7, translateX 0.5 8
    equalize 0.3, autocontrast 0.4
    translateY 0.4 3, sharpness 0.2 6
    brightness 0.9 6, color 0.2 8
    solarize 0.5 2, invert 0
    equalize 0.2, autocontrast 0.6
    equalize 0.2, equalize 0.6
    color 0.9 9, equalize 0.6
    autocontrast 0.8, solarize 0.2 8
    brightness 0.1 3, color 0.7 0
    solarize 0.4 5, autocontrast 0.9
    translateY 0.9 9, translateY 0.7 9
    autocontrast 0.9, solarize 0.8 3
    equalize 0.8, invert 0.1
    translateY 0.7 9, autocontrast 0.9`,
  svhn: `
    shearX 0.9 4, invert 0.2
    shearY 0.9 8, invert 0.7
    equalize 0.6, solarize 0.6 6
    invert 0.9, equalize 0.6
    equalize 0.6, rotate 0.9 3
    shearX 0.9 4, autocontrast 0.8
    shearY 0.9 8, invert 0.4
    shearY 0.9 5, solarize 0.2 6
    invert 0.9, autocontrast 0.8
    equalize 0.6, rotate 0.9 3
    shearX 0.9 4, solarize 0.3 3
    shearY 0.8 8, invert 0.7
    equalize 0.9, translateY 0.6 6
    invert 0.9, equalize 0.6
    contrast 0.3 3, rotate 0.8 4
    invert 0.8, translateY 0 2
    shearY 0.7 6, solarize 0.4 8
    invert 0.6, rotate 0.8 4
    shearY 0.3 7, translateX 0.9 3
    shearX 0.1 6, invert 0.6
    solarize 0.7 2, translateY 0.6 7
    shearY 0.8 4, invert 0.8
    shearX 0.7 9, translateY 0.8 3
    shearY 0.8 5, autocontrast 0.7
    shearX 0.7 2, invert 0.1`,
}

interface Choice {
  readonly operation: PolicyOperation
  readonly p: number
  readonly level: number
}

/** What AutoAugment does. */
export interface AutoAugmentOptions extends GeometryOptions {
  /** Default `imagenet`. */
  readonly policy?: AutoAugmentPolicy
}

/**
 * One of 25 pairs of operations, which a search found to help most on ImageNet, CIFAR-10 or SVHN. Boxes, masks and
 * points move with the image. Interpolation is by default `nearest`, as in torchvision.
 *
 * @throws ValueError when there is no such policy
 * @see Cubuk et al. 2019, "AutoAugment", arXiv:1805.09501
 */
export function autoAugment({ policy = 'imagenet', ...geometry }: AutoAugmentOptions = {}): Transform {
  if (!Object.hasOwn(policies, policy)) {
    throw new ValueError(`autoAugment: a policy is ${Object.keys(policies).join(', ')}: ${policy}`)
  }
  const space = strengthsOf.autoAugment()
  const pairs = policies[policy]
    .trim()
    .split('\n')
    .map((line) => line.split(',').map(choiceOf))
  return <S extends Sample>(sample: S, generator: Generator): S => {
    const options: GeometryOptions = { interpolation: 'nearest', ...geometry }
    return pairs[generator.integers(pairs.length)]!.reduce(
      (result, { operation, p, level }) =>
        generator.uniform() < p ? applyAtLevel(result, operation, level, space, generator, options) : result,
      sample,
    )
  }
}

function choiceOf(text: string): Choice {
  const [operation, p, magnitude = '0'] = text.trim().split(' ') as [PolicyOperation, string, string?]
  return { operation, p: Number(p), level: Number(magnitude) / 9 }
}
