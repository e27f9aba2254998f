import type { Image } from '@badak/images'
import { ShapeError, ValueError } from '@badak/tensor'
import type { Sample } from '../augment/sample.ts'
import type { HostArray } from '../host-batch.ts'

/** Mean and standard deviation of each channel, of values from 0 to 1. */
export interface ChannelStatistics {
  readonly mean: readonly number[]
  readonly std: readonly number[]
}

/** Of the images of ImageNet: what networks with weights from torchvision expect. */
export const imagenetStatistics: ChannelStatistics = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
}

/** How samples become arrays. */
export type StackOptions = Partial<ChannelStatistics>

/** Makes a batch of samples; large arrays come from `allocate`, and are used again later. */
export type Collate<S, Batch> = (samples: readonly S[], allocate: (size: number) => Float32Array) => Batch

/** A batch of samples: what each of them has, and nothing else. */
export type Stacked<S> = { readonly x: HostArray } & {
  readonly [
    Name in keyof S as Name extends 'image' ? never : Name extends 'label' ? 't' : Name
  ]: Name extends 'label' | 'mask' ? HostArray : readonly S[Name][]
}

/**
 * Stacks samples: images become `x`, float32 `[N, C, H, W]`, from 0 to 1 or normalised; labels `t`, int32 `[N]`, or
 * float32 `[N, classes]` where they are probabilities; masks `mask`, uint8 `[N, H, W]`. Everything else, boxes and
 * points among it, differs in length, and comes in lists, one entry for each sample.
 *
 * @param options mean and standard deviation of each channel: `(value / 255 − mean) / std`
 * @throws ShapeError when images differ in size or channels, or the statistics do not fit the channels
 */
export function stackSamples<S extends Sample>({ mean, std }: StackOptions = {}): Collate<S, Stacked<S>> {
  if (std && !std.every((value) => value > 0))
    throw new ValueError(`stackSamples: std must be above 0: [${std}]`)
  const tables = new Map<number, Float32Array[]>()
  return (samples, allocate) => {
    const [first] = samples
    if (first === undefined) throw new ValueError('stackSamples: no samples')
    const { channels } = first.image
    let table = tables.get(channels)
    if (table === undefined) tables.set(channels, (table = tablesOf(channels, mean, std)))
    const batch: Record<string, unknown> = { x: stackImages(samples, table, allocate) }
    for (const name of Object.keys(first) as (keyof S & string)[]) {
      if (name === 'image') continue
      if (name === 'label') batch['t'] = stackLabels(samples)
      else if (name === 'mask') batch['mask'] = stackMasks(samples)
      else batch[name] = samples.map((sample) => sample[name])
    }
    return batch as unknown as Stacked<S>
  }
}

/** What each byte becomes, for each channel. */
function tablesOf(channels: number, mean: StackOptions['mean'], std: StackOptions['std']): Float32Array[] {
  for (const [name, values] of Object.entries({ mean, std })) {
    if (values && values.length !== channels) {
      throw new ShapeError(`stackSamples: ${name} for ${channels} channels: [${values}]`)
    }
  }
  return Array.from({ length: channels }, (_, c) =>
    Float32Array.from({ length: 256 }, (_, value) => (value / 255 - (mean?.[c] ?? 0)) / (std?.[c] ?? 1)),
  )
}

function stackImages(
  samples: readonly Sample[],
  tables: readonly Float32Array[],
  allocate: (size: number) => Float32Array,
): HostArray {
  const { width, height, channels } = samples[0]!.image
  const data = allocate(samples.length * channels * height * width)
  for (const [n, { image }] of samples.entries()) {
    checkSame('images', samples[0]!.image, image, n)
    planesOf(image, tables, data, n * channels * height * width)
  }
  return { data, shape: [samples.length, channels, height, width] }
}

/** Channels, which lie side by side, one after another. */
function planesOf(
  { channels, data }: Image,
  tables: readonly Float32Array[],
  out: Float32Array,
  start: number,
): void {
  const size = data.length / channels
  for (const [c, table] of tables.entries()) {
    const plane = start + c * size
    for (let i = 0, from = c; i < size; i++, from += channels) out[plane + i] = table[data[from]!]!
  }
}

function stackMasks(samples: readonly Sample[]): HostArray {
  const first = samples[0]!.mask!
  const size = first.width * first.height
  const data = new Uint8Array(samples.length * size)
  for (const [n, { mask }] of samples.entries()) {
    if (mask === undefined) throw new ShapeError(`stackSamples: sample ${n} of the batch has no mask`)
    checkSame('masks', first, mask, n)
    data.set(mask.data, n * size)
  }
  return { data, shape: [samples.length, first.height, first.width] }
}

function stackLabels(samples: readonly Sample[]): HostArray {
  const first = samples[0]!.label
  for (const [n, { label }] of samples.entries()) {
    const same =
      typeof label === typeof first && (label as Float32Array).length === (first as Float32Array).length
    if (!same)
      throw new ShapeError(
        `stackSamples: labels differ: ${kind(first)}, and ${kind(label)} for sample ${n} of the batch`,
      )
  }
  if (typeof first === 'number') {
    return { data: Int32Array.from(samples, ({ label }) => label as number), shape: [samples.length] }
  }
  const classes = first!.length
  const data = new Float32Array(samples.length * classes)
  for (const [n, { label }] of samples.entries()) data.set(label as Float32Array, n * classes)
  return { data, shape: [samples.length, classes] }
}

const kind = (label: Sample['label']): string =>
  label === undefined ? 'none' : typeof label === 'number' ? 'a class' : `${label.length} probabilities`

function checkSame(what: string, first: Image, other: Image, n: number): void {
  const [expected, got] = [first, other].map(
    ({ channels, height, width }) => `[${channels},${height},${width}]`,
  )
  if (expected === got) return
  throw new ShapeError(
    `stackSamples: ${what} differ: ${expected}, and ${got} for sample ${n} of the batch: crop or resize them to one size`,
  )
}
