import type { Image } from '@badak/images'
import { IndexError, ShapeError } from '@badak/tensor'
import type { ArrayDataset, ArrayField } from '../array-dataset.ts'
import type { Samples } from './sample-dataset.ts'

/** An image and its class. */
export interface LabelledImage {
  readonly image: Image
  readonly label: number
}

/**
 * The samples of a data set in memory whose `x` is bytes `[N, C, H, W]`, one plane after another, and whose `t` is
 * classes `[N]`: MNIST, CIFAR. To be transformed as images, by `sampleDataset`.
 *
 * @throws ShapeError when `x` is no such array
 * @example
 * ```ts
 * const train = sampleDataset(imageSamples(await mnist('train')), { transform: randomAffine({ degrees: 10 }) })
 * ```
 */
export function imageSamples(
  dataset: ArrayDataset<{ readonly x: ArrayField; readonly t: ArrayField }>,
): Samples<LabelledImage> {
  const { x, t } = dataset.fields
  const [, channels, height, width] = x.shape as [number, number, number, number]
  const { data } = x
  if (!(data instanceof Uint8Array) || x.shape.length !== 4 || ![1, 3, 4].includes(channels)) {
    throw new ShapeError(
      `imageSamples: x must be bytes [N,C,H,W] of 1, 3 or 4 channels: ${data.constructor.name} [${x.shape}]`,
    )
  }
  const size = channels * height * width
  return {
    length: dataset.length,
    get(index) {
      if (!Number.isInteger(index) || index < 0 || index >= dataset.length) {
        throw new IndexError(`imageSamples: there are ${dataset.length} samples: ${index}`)
      }
      const planes = data.subarray(index * size, (index + 1) * size)
      const pixels = channels === 1 ? planes : sideBySide(planes, channels)
      const image: Image = { width, height, channels: channels as Image['channels'], data: pixels }
      return { image, label: t.data[index]! }
    },
  }
}

function sideBySide(planes: Uint8Array, channels: number): Uint8Array {
  const pixels = new Uint8Array(planes.length)
  const size = planes.length / channels
  for (let c = 0, from = 0; c < channels; c++)
    for (let i = 0, to = c; i < size; i++, to += channels) pixels[to] = planes[from++]!
  return pixels
}
