// What torchvision 0.14.1 and Pillow 9.4 make of three small images: tools/record-fixtures/augmentation.py
import { readFileSync } from 'node:fs'
import type { Image } from '@badak/images'
import { describe, expect, test } from 'vitest'
import { resizeArea } from '../../src/augment/resize.ts'
import { applyOperation, type PolicyOperation, strengthsOf } from '../../src/augment/policies.ts'
import {
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
  adjustSharpness,
  affine,
  autocontrast,
  centerCrop,
  equalize,
  flipHorizontal,
  flipVertical,
  gaussianBlur,
  grayscale,
  invert,
  pad,
  perspective,
  posterize,
  resize,
  rotate,
  solarize,
} from '../../src/index.ts'

interface Encoded {
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3
  readonly data: string
}
interface Case {
  readonly name: string
  readonly image: string
  readonly arguments: never[]
  readonly result: Encoded
}
interface Recorded {
  readonly images: Record<string, Encoded>
  readonly cases: Case[]
  readonly policies: Record<
    'randAugment' | 'autoAugment' | 'trivialAugment',
    Record<string, { readonly magnitudes: number[]; readonly signed: boolean }>
  >
}

const recorded = JSON.parse(readFileSync(new URL('torchvision.json', import.meta.url), 'utf8')) as Recorded
const decoded = (image: Encoded): Image => ({
  ...image,
  data: Uint8Array.from(Buffer.from(image.data, 'base64')),
})

type Change = (image: Image, ...parameters: never[]) => Image
/** What changes a sample, as what changes an image. */
const of =
  (change: (sample: { image: Image }, ...parameters: never[]) => { image: Image }): Change =>
  (image, ...parameters) =>
    change({ image }, ...parameters).image

const names: Record<string, PolicyOperation> = {
  Identity: 'identity', ShearX: 'shearX', ShearY: 'shearY', TranslateX: 'translateX', TranslateY: 'translateY',
  Rotate: 'rotate', Brightness: 'brightness', Color: 'color', Contrast: 'contrast', Sharpness: 'sharpness',
  Posterize: 'posterize', Solarize: 'solarize', AutoContrast: 'autocontrast', Equalize: 'equalize', Invert: 'invert',
} // prettier-ignore

const changes: Record<string, Change> = {
  brightness: adjustBrightness,
  contrast: adjustContrast,
  saturation: adjustSaturation,
  hue: adjustHue,
  sharpness: adjustSharpness,
  posterize,
  solarize,
  invert,
  autocontrast,
  equalize,
  grayscale,
  gaussianBlur,
  rotate: of(rotate),
  affine: of(affine),
  perspective: of(perspective),
  horizontalFlip: of(flipHorizontal),
  verticalFlip: of(flipVertical),
  centerCrop: of((sample, ...parameters) => centerCrop(...(parameters as unknown as [number]))(sample)),
  pad: of((sample, ...parameters) => pad(...(parameters as unknown as [number]))(sample)),
  resize: of((sample, ...parameters) => resize(...(parameters as unknown as [number]))(sample)),
  resizedCrop: of((sample, ...parameters) => {
    const [top, left, height, width, [h, w]] = parameters as unknown as [
      number,
      number,
      number,
      number,
      number[],
    ]
    return resizeArea(sample, { top, left, height, width }, { height: h!, width: w! }, {})
  }),
  operation: of((sample, name: string, magnitude: number) =>
    applyOperation(sample, names[name]!, magnitude, { interpolation: 'nearest' }),
  ),
}

describe.each(Object.keys(changes))('%s', (name) => {
  const cases = recorded.cases.filter((each) => each.name === name)
  test.each(cases.map((each) => [`${each.image} ${JSON.stringify(each.arguments)}`, each] as const))(
    '%s',
    (_, each) => {
      const result = changes[name]!(decoded(recorded.images[each.image]!), ...each.arguments)
      const expected = decoded(each.result)
      expect([result.width, result.height, result.channels]).toEqual([
        expected.width,
        expected.height,
        expected.channels,
      ])
      const different = result.data.filter((value, i) => value !== expected.data[i])
      // Where a point falls between two pixels, Pillow's fixed-point arithmetic takes the other one.
      const nearest = /affine|rotate/.test(name) && JSON.stringify(each.arguments).includes('nearest')
      expect(different.length).toBeLessThanOrEqual(nearest ? result.channels : 0)
    },
  )
})

test.each(['randAugment', 'autoAugment', 'trivialAugment'] as const)(
  '%s has the magnitudes of torchvision',
  (policy) => {
    const expected = recorded.policies[policy]
    expect(Object.keys(strengthsOf[policy]()).toSorted()).toEqual(
      Object.keys(expected)
        .map((name) => names[name]!)
        .toSorted(),
    )
    for (const [name, { magnitudes, signed }] of Object.entries(expected)) {
      const strength = strengthsOf[policy]()[names[name]!]!
      expect(strength.signed).toBe(signed)
      const size = { width: 23, height: 18 }
      for (const [level, magnitude] of magnitudes.entries())
        expect(strength.at(level / Math.max(magnitudes.length - 1, 1), size)).toBeCloseTo(magnitude, 4)
    }
  },
)
