import {
  colorJitter,
  compose,
  type Dataset,
  type ImageDataset,
  imageSamples,
  randomCrop,
  randomHorizontalFlip,
  randomResizedCrop,
  randomWarp,
  sampleDataset,
  type Transform,
} from '@badak/datasets'
import type { Batch } from '@badak/training'

/** Digits as other hands would write them: turned, leaning, larger or smaller, bent; never mirrored. */
export function augmentDigits(digits: ImageDataset): Dataset<Batch> {
  return randomWarp(digits, {
    degrees: 12,
    shift: 2,
    scale: [0.85, 1.15],
    shear: 12,
    elastic: { alpha: 16, sigma: 4 },
  })
}

/** Small images of things that may be mirrored, a little out of place. */
export function augmentObjects(images: ImageDataset, padding: number): Dataset<Batch> {
  const side = images.fields.x.shape.at(-1)!
  return sampleDataset(imageSamples(images), {
    transform: compose([randomCrop(side, { padding }), randomHorizontalFlip()]),
  })
}

/** Photos: parts of them, mirrored, in other light. A part is not so small that its subject is lost. */
export function photoAugmentation(size: number): Transform {
  return compose([
    randomResizedCrop(size, { scale: [0.35, 1] }),
    randomHorizontalFlip(),
    colorJitter({ brightness: 0.3, contrast: 0.3, saturation: 0.3 }),
  ])
}
