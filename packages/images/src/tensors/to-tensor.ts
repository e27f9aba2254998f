import { ShapeError, type Tensor, tensor, ValueError } from '@badak/tensor'
import { convert } from '../channels.ts'
import { type Channels, checkImage, type Image } from '../image.ts'
import { checkStatistics, type Statistics } from './statistics.ts'

/** What becomes of the pixels. */
export interface ToTensorOptions extends Partial<Statistics> {
  /** The channels of the tensor, see `convert`; default: those of the image. */
  readonly channels?: Channels
}

/**
 * Pixels as a float32 tensor, from 0 to 1, normalised as `(x − mean) / std` when these are given: `[C, H, W]` of an
 * image, `[N, C, H, W]` of several of one size.
 *
 * @throws ShapeError when the images differ in size or channels, or there are none
 * @throws ValueError when `mean` or `std` has neither one number nor one per channel
 *
 * @example
 * ```ts
 * // The statistics of ImageNet, with which torchvision's models were trained.
 * const x = toTensor([image], { channels: 3, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] })
 * ```
 */
export function toTensor(images: Image | readonly Image[], options: ToTensorOptions = {}): Tensor {
  const single = !isList(images)
  const list = (single ? [images] : images).map((image) => {
    checkImage('toTensor', image)
    return options.channels === undefined ? image : convert(image, options.channels)
  })
  const [first] = list
  if (first === undefined) throw new ShapeError('toTensor: there are no images')
  const { channels, height, width } = first
  const different = list.find((i) => i.channels !== channels || i.height !== height || i.width !== width)
  if (different)
    throw new ShapeError(`toTensor: images differ in their shapes: ${show(first)} and ${show(different)}`)
  const values = new Float32Array(list.length * channels * height * width)
  const lookup = lookupTables('toTensor', channels, options)
  for (const [i, { data }] of list.entries())
    planes(data, values.subarray(i * data.length, (i + 1) * data.length), lookup)
  const shape = [channels, height, width]
  return tensor(values, { shape: single ? shape : [list.length, ...shape] })
}

function isList(images: Image | readonly Image[]): images is readonly Image[] {
  return Array.isArray(images)
}

function show({ channels, height, width }: Image): string {
  return `[${channels},${height},${width}]`
}

/** What each value of a byte becomes, per channel. */
function lookupTables(operation: string, channels: number, options: Partial<Statistics>): Float32Array[] {
  const { mean, std } = checkStatistics(operation, channels, options)
  if (std.includes(0)) throw new ValueError(`${operation}: std is 0`)
  return mean.map((average, c) =>
    Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - average) / std[c]!),
  )
}

function planes(data: Uint8Array, out: Float32Array, lookup: readonly Float32Array[]): void {
  const channels = lookup.length
  let to = 0
  for (const [channel, table] of lookup.entries()) {
    for (let from = channel; from < data.length; from += channels) out[to++] = table[data[from]!]!
  }
}
