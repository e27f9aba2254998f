import { ShapeError, type Tensor } from '@badak/tensor'
import type { Channels, Image } from '../image.ts'
import { checkStatistics, type Statistics } from './statistics.ts'

/**
 * A tensor as an image: the way back from `toTensor`. Values are from 0 to 1, and rounded to bytes; those outside are
 * clipped. Of uint8, they are the bytes themselves.
 *
 * @param tensor `[C, H, W]` with 1, 3 or 4 channels, or `[H, W]`
 * @param options the statistics with which it was normalised
 * @throws ShapeError when it is something else
 * @throws ValueError when `mean` or `std` has neither one number nor one per channel
 *
 * @example
 * ```ts
 * const bytes = await encodePNG(await fromTensor(x))
 * ```
 */
export async function fromTensor(tensor: Tensor, options: Partial<Statistics> = {}): Promise<Image> {
  const { shape } = tensor
  const [channels, height, width] = shape.length === 2 ? [1, ...shape] : shape
  if ((shape.length !== 2 && shape.length !== 3) || ![1, 3, 4].includes(channels!) || tensor.size === 0)
    throw new ShapeError(`fromTensor: expected [C, H, W] with 1, 3 or 4 channels, or [H, W]: [${shape}]`)
  const bytes = new Uint8Array(tensor.size)
  const { mean, std } = checkStatistics('fromTensor', channels!, options)
  const values = tensor.dtype === 'uint8' ? await tensor.data() : await tensor.cast('float32').data()
  const size = height! * width!
  for (let from = 0; from < values.length; from++) {
    const channel = Math.floor(from / size)
    const to = (from % size) * channels! + channel
    bytes[to] =
      tensor.dtype === 'uint8' ? values[from]! : byteOf(values[from]! * std[channel]! + mean[channel]!)
  }
  return { width: width!, height: height!, channels: channels as Channels, data: bytes }
}

/** NaN is black. */
function byteOf(value: number): number {
  return Math.round(255 * Math.min(1, Math.max(0, value)))
}
