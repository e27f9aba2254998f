import type { Image } from '@badak/images'
import { type Generator, ValueError } from '@badak/tensor'
import { between, noiseSource, type Range } from './draws.ts'
import { imageTransform, type ProbabilityOptions } from './random-color.ts'
import type { Transform } from './transform.ts'
import { colorOf } from './warp-image.ts'

/** What is erased, and what takes its place. */
export interface RandomErasingOptions extends ProbabilityOptions {
  /** Parts of the area of the image; default from 0.02 to 0.33. */
  readonly scale?: Range
  /** Height through width; default from 0.3 to 3.3. */
  readonly ratio?: Range
  /** A byte for all channels or one for each, or noise; default 0. */
  readonly value?: number | readonly number[] | 'noise'
}

/**
 * With probability p, fills a rectangle of the image, so that a network does not rely on one spot. Masks, boxes
 * and points say what they said: the object is still there.
 *
 * @throws ValueError when a range is empty or reaches 0 or below
 * @see Zhong et al. 2017, "Random erasing data augmentation", arXiv:1708.04896
 */
export function randomErasing(options: RandomErasingOptions = {}): Transform {
  const { p = 0.5, scale = [0.02, 0.33], ratio = [0.3, 3.3], value = 0 } = options
  for (const [name, [from, to]] of Object.entries({ scale, ratio })) {
    if (!(from > 0 && from <= to)) {
      throw new ValueError(`randomErasing: ${name} must be a range above 0: ${from} to ${to}`)
    }
  }
  return imageTransform('randomErasing', p, (image, generator) =>
    erased(image, generator, { scale, ratio, value }),
  )
}

function erased(
  image: Image,
  generator: Generator,
  { scale, ratio, value }: Required<Pick<RandomErasingOptions, 'scale' | 'ratio' | 'value'>>,
): Image {
  const { width, height, channels } = image
  const color = value === 'noise' ? undefined : colorOf(channels, value)
  const logarithms: Range = [Math.log(ratio[0]), Math.log(ratio[1])]
  for (let i = 0; i < 10; i++) {
    const area = width * height * between(generator, scale)
    const aspect = Math.exp(between(generator, logarithms))
    const [h, w] = [Math.round(Math.sqrt(area * aspect)), Math.round(Math.sqrt(area / aspect))]
    if (h < 1 || h >= height || w < 1 || w >= width) continue
    const [top, left] = [generator.integers(height - h + 1), generator.integers(width - w + 1)]
    const noise = noiseSource(generator)
    const data = image.data.slice()
    for (let y = top; y < top + h; y++) {
      const start = (y * width + left) * channels
      for (let at = 0; at < w * channels; at++)
        data[start + at] = color ? color[at % channels]! : 256 * noise()
    }
    return { ...image, data }
  }
  return image
}
