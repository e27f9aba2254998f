import type { OpenDataSet, Sample } from './data-set.ts'

/** What is counted in the samples of a data set. */
export interface Statistics {
  readonly samples: number
  /** Sizes of images as `width × height`, with how many there are. */
  readonly sizes: ReadonlyMap<string, number>
  /** Mean and standard deviation of each channel, of pixels from 0 to 1. */
  readonly mean: readonly number[]
  readonly std: readonly number[]
  readonly classes: readonly ClassStatistics[]
  /** How many images have so many objects. */
  readonly objectsPerImage: ReadonlyMap<number, number>
  /** The longer side of each object's box, as a share of the image's. */
  readonly objectSizes: readonly number[]
  /** How much is seen of each object, where that is known. */
  readonly visibilities: readonly number[]
}

interface ClassStatistics {
  readonly name: string
  /** Images of the class, or with an object of it. */
  readonly images: number
  readonly objects: number
  /** The share of all pixels that masks give it. */
  readonly pixels: number
}

/** Goes through the first `count` samples once. */
export async function statisticsOf(data: OpenDataSet, count: number): Promise<Statistics> {
  const samples = Math.min(count, data.length)
  const sizes = new Map<string, number>()
  const objectsPerImage = new Map<number, number>()
  const channels = new ChannelSums()
  const classes = data.classes.map((name) => ({ name, images: 0, objects: 0, pixels: 0 }))
  const objectSizes: number[] = []
  const visibilities: number[] = []
  let maskPixels = 0
  for (let index = 0; index < samples; index++) {
    const sample = await data.get(index)
    const { image, mask, objects = [] } = sample
    increment(sizes, `${image.width} × ${image.height}`)
    if (sample.objects) increment(objectsPerImage, objects.length)
    channels.add(sample)
    for (const label of labelsOf(sample)) classes[label]!.images++
    for (const { label, box, visibility } of objects) {
      classes[label]!.objects++
      objectSizes.push(Math.max(box[2] - box[0], box[3] - box[1]) / Math.max(image.width, image.height))
      if (visibility !== undefined) visibilities.push(visibility)
    }
    for (const label of mask?.data ?? []) if (label < classes.length) classes[label]!.pixels++
    maskPixels += mask?.data.length ?? 0
  }
  return {
    samples,
    sizes,
    ...channels.moments(),
    classes: classes.map((row) => ({ ...row, pixels: maskPixels > 0 ? row.pixels / maskPixels : 0 })),
    objectsPerImage,
    objectSizes,
    visibilities,
  }
}

/** The classes that a sample shows, each once. */
function labelsOf({ label, objects = [] }: Sample): Set<number> {
  const labels = new Set(objects.map((object) => object.label))
  if (label !== undefined) labels.add(label)
  return labels
}

function increment<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

/** Sums of bytes and of their squares are whole numbers, so nothing is lost. */
class ChannelSums {
  readonly #sums: number[] = []
  readonly #squares: number[] = []
  #pixels = 0

  add({ image: { channels, data, width, height } }: Sample): void {
    // Alpha says where, not what.
    const colours = channels === 4 ? 3 : channels
    for (let c = 0; c < colours; c++) {
      let [sum, square] = [this.#sums[c] ?? 0, this.#squares[c] ?? 0]
      for (let i = c; i < data.length; i += channels) {
        sum += data[i]!
        square += data[i]! * data[i]!
      }
      this.#sums[c] = sum
      this.#squares[c] = square
    }
    this.#pixels += width * height
  }

  moments(): { mean: number[]; std: number[] } {
    const mean = this.#sums.map((sum) => sum / this.#pixels)
    const std = this.#squares.map((square, c) =>
      Math.sqrt(Math.max(0, square / this.#pixels - mean[c]! ** 2)),
    )
    return { mean: mean.map((value) => value / 255), std: std.map((value) => value / 255) }
  }
}
