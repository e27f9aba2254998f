import { ValueError, argmax, evaluate, isTensor, keep, max, noGrad, take, tensor } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { single } from '../size.ts'
import type { ViewedModel } from './model.ts'
import { checkImages } from './passes.ts'
import { type Area, seenArea } from './seen-area.ts'
import { unitActivations, type UnitOptions } from './unit.ts'

/** What can be asked for some of its images: a `Dataset` of `@badak/datasets`. */
export interface ImageSet<Batch> {
  /** How many images there are. */
  readonly length: number
  /** The images at these positions, in this order. */
  gatherBatch(indices: Int32Array): Batch | Promise<Batch>
}

/** Images in batches: a loader, a list, or a data set. */
export type ImageBatches<Batch> = AsyncIterable<Batch> | Iterable<Batch> | ImageSet<Batch>

/** Which unit, and how many images. */
export interface TopActivationsOptions<Batch = unknown, R = unknown> extends UnitOptions<R> {
  /** How many images; default 9. */
  readonly k?: number | undefined
  /** Where the images of a batch are, `[N, C, H, W]`; default: the batch itself, or its `x`. */
  readonly images?: ((batch: Batch) => Tensor) | undefined
  /** How many images are read at once from a data set; default 32. Loaders have a size of their own. */
  readonly batchSize?: number | undefined
}

/** An image that excites a unit. */
export interface TopActivation {
  /** What the unit gives for it. */
  readonly value: number
  /** Which one it was, in the order in which images were read. */
  readonly index: number
  /** Where in the layer's output, if that is spatial. */
  readonly position: readonly [row: number, column: number] | undefined
  /** `[C, H, W]` */
  readonly image: Tensor
  /** What the unit sees of the image, in pixels: the receptive field of the position, as far as it is inside. */
  readonly area: Area
  /** That part of the image, `[C, area.height, area.width]`. */
  readonly crop: Tensor
}

/**
 * The images that excite a unit most, the first one most of all: what it has learned to look for. For a
 * channel of a layer the strongest position of an image counts.
 *
 * The model is looked at in evaluation mode and left as it was. One pass is made over the images, of which no
 * more than `k` are kept.
 *
 * @param data batches of images, read once
 * @returns at most `k`; of images that excite equally, those that came first
 * @throws ValueError when there is no such layer, or `k` is not a count
 * @throws IndexError when there is no such channel
 * @throws ShapeError when a batch holds no images
 * @see Zeiler & Fergus 2013, arXiv:1311.2901
 * @example
 * ```ts
 * const top = await topActivations(model, await mnist('test'), { layer: '0', channel: 3 })
 * await imageGrid(stack(top.map(({ crop }) => crop)))
 * ```
 */
export async function topActivations<Batch, R>(
  model: ViewedModel<R>,
  data: ImageBatches<Batch>,
  options: TopActivationsOptions<Batch, R>,
): Promise<TopActivation[]> {
  const { k = 9, batchSize = 32 } = options
  single('topActivations', 'k', k, 1)
  single('topActivations', 'batchSize', batchSize, 1)
  let best: Excited[] = []
  let read = 0
  for await (const batch of batchesOf(data, batchSize)) {
    const x = imagesOf(batch, options.images)
    const found = await excitedBy(model, x, options, read)
    const strongest = [...best, ...found].toSorted((a, b) => b.value - a.value || a.index - b.index)
    best = await keepImages(strongest.slice(0, k), x, read)
    read += x.shape[0]!
  }
  return withAreas(model, best, options)
}

/** An image of a batch, or, once it is kept, one of its own. */
interface Excited {
  readonly value: number
  readonly index: number
  readonly position: readonly [row: number, column: number] | undefined
  readonly image?: Tensor
}

/** What the unit gives for each image of a batch. */
async function excitedBy<R>(
  model: ViewedModel<R>,
  x: Tensor,
  unit: UnitOptions<R>,
  offset: number,
): Promise<Excited[]> {
  const activations = noGrad(() => unitActivations('topActivations', model, x, unit))
  const [N, , W] = activations.shape as [number, number?, number?]
  const flat = activations.reshape([N, activations.size / Math.max(1, N)])
  const [strongest, where] = [keep(max(flat, { axis: 1 })), keep(argmax(flat, { axis: 1 }))]
  const [values, positions] = [await strongest.data(), await where.data()]
  return Array.from(values, (value, i) => {
    const at = positions[i]!
    const position = W === undefined ? undefined : ([Math.floor(at / W), at % W] as const)
    return { value, index: offset + i, position }
  })
}

/** Copies those images of the batch that are still among the best: the batch may be used again. */
async function keepImages(best: readonly Excited[], x: Tensor, offset: number): Promise<Excited[]> {
  const fresh = best.filter(({ image }) => image === undefined)
  if (fresh.length === 0) return [...best]
  const rows = take(x, tensor(Int32Array.from(fresh, ({ index }) => index - offset)))
  const data = await rows.data()
  const [, ...shape] = rows.shape
  const size = rows.size / fresh.length
  const images = new Map(
    fresh.map((each, i) => [each, tensor(data.slice(i * size, (i + 1) * size), { shape, dtype: x.dtype })]),
  )
  return best.map((each) => ({ ...each, image: each.image ?? images.get(each)! }))
}

async function withAreas<R>(
  model: ViewedModel<R>,
  best: readonly Excited[],
  { layer }: UnitOptions<R>,
): Promise<TopActivation[]> {
  const areas = new Map<string, Area>()
  const areaOf = async (shape: readonly number[], position: Excited['position']): Promise<Area> => {
    const [, H, W] = shape as [number, number, number]
    if (!position || layer === undefined) return { top: 0, left: 0, height: H, width: W }
    const key = [...shape, ...position].join()
    const area = areas.get(key) ?? (await seenArea('topActivations', model, shape, layer, position))
    areas.set(key, area)
    return area
  }
  const result: TopActivation[] = []
  for (const { image, ...rest } of best) {
    const area = await areaOf(image!.shape, rest.position)
    const { top, left, height, width } = area
    const crop = image!.slice([[], [top, top + height], [left, left + width]])
    result.push({ ...rest, image: image!, area, crop })
  }
  await evaluate(...result.map(({ crop }) => crop))
  return result
}

async function* batchesOf<Batch>(data: ImageBatches<Batch>, batchSize: number): AsyncGenerator<Batch> {
  if (!('gatherBatch' in data)) return yield* data
  for (let from = 0; from < data.length; from += batchSize) {
    const length = Math.min(batchSize, data.length - from)
    yield await data.gatherBatch(Int32Array.from({ length }, (_, i) => from + i))
  }
}

function imagesOf<Batch>(batch: Batch, images: ((batch: Batch) => Tensor) | undefined): Tensor {
  const given: unknown = images
    ? images(batch)
    : isTensor(batch)
      ? batch
      : (batch as { x?: unknown } | null)?.x
  if (!isTensor(given)) {
    throw new ValueError(
      'topActivations: a batch is no tensor and has no x: say where its images are with images: (batch) => …',
    )
  }
  checkImages('topActivations', given)
  return given
}
