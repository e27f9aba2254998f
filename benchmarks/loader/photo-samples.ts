// What networks learn ImageNet from: torchvision's recipe, with a jitter of the colours.
import {
  colorJitter,
  compose,
  imageFolder,
  imagenetStatistics,
  randomHorizontalFlip,
  randomResizedCrop,
  sampleDataset,
  stackSamples,
} from '@badak/datasets'

/** @param jitter whether colours change, too */
export function augmentation(jitter: boolean) {
  const geometry = [randomResizedCrop(224), randomHorizontalFlip()]
  const colours = colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 })
  return compose(jitter ? [...geometry, colours] : geometry)
}

export interface PhotoOptions {
  readonly directory: string
  readonly jitter: boolean
}

export async function photoSamples({ directory, jitter }: PhotoOptions) {
  return sampleDataset(await imageFolder(directory), {
    transform: augmentation(jitter),
    collate: stackSamples(imagenetStatistics),
  })
}
