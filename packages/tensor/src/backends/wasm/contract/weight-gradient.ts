import type { ConvolutionKernel } from '../../../schedule/kernels.ts'
import type { Target } from '../assembler/index.ts'
import { type Launch, type Lowering, scratchAddress, type Word } from '../launch.ts'
import { argumentBlock } from './arguments.ts'
import { addressOf } from './epilogue.ts'
import {
  columnRuns,
  forwardImage,
  IMAGE_SLACK,
  type ImageArgument,
  type ImageLayout,
  type ImageSize,
  imageSize,
  imageWords,
} from './padded-image.ts'
import { ENOUGH_UNITS, wholeLines } from './sizing.ts'
import { cutRows, tileHeight, type Tiling } from './tiles.ts'
import {
  ADD_ELEMENTS,
  type WeightGradientArgument,
  weightGradientArguments,
  weightGradientModule,
} from './weight-gradient-module.ts'

/** Vectors of four pixels that make the sums in the registers worth their start and end. */
const ENOUGH_VECTORS = 128
/**
 * Bytes of the copies of a block, half of a level 2 of 1 MiB: the more images share a block, the less often
 * all sums are read and written.
 */
const BLOCK_BYTES = 512 * 1024
/** Largest memory for partial sums. */
const PARTIAL_BYTES = 32 * 1024 * 1024

/**
 * The gradient of the weights: for every channel o of the output and every (channel, tap) k of the input,
 * `Σ over images and pixels p of gradient[o][p] · image[p + tap k]`.
 *
 * Images (or blocks of rows of large ones) are copied, padded, into the thread's scratch, and so are their
 * output gradients; a tile is 6 channels × 2 taps of inner products along the pixels, both read as they lie
 * in memory.
 *
 * The sum over images is cut into at most 16 partial sums, by the sizes alone, each taken in ascending order
 * by one unit; a last launch adds them up in ascending order.
 *
 * Partial sums and the table of taps lie in the scratch from `scratchOffset` on.
 */
export function lowerWeightGradient(
  kernel: ConvolutionKernel,
  result: Word,
  target: Target,
  scratchOffset: number,
): Lowering {
  const { geometry } = kernel
  const image = forwardImage(geometry)
  const plan = planOf(kernel, image, tileHeight(target))
  const { elements, blocks, size, partialSums, parts, copyBytes } = plan
  const partialStride = partialSums === 1 ? 0 : wholeLines(4 * elements)
  const taps = scratchOffset + partialSums * partialStride
  const values = {
    ...wordsOf(kernel, image, plan),
    ...imageWords(image, size),
    partials: partialSums === 1 ? result : scratchAddress(scratchOffset),
    result,
    taps: scratchAddress(taps),
    partialStride,
  }
  const args = argumentBlock(weightGradientArguments, values, columnRuns(image, size))
  const launch = (entry: string, units: number): Launch => ({
    module: weightGradientModule,
    entry,
    args,
    units,
    grain: 1,
  })
  const main = [launch('tables', 1), launch('accumulate', partialSums * geometry.groups * parts)]
  const { partials } = values
  const last = addPartialSums({ partials, partialSums, partialStride, result, elements })
  return {
    launches: partialSums === 1 ? main : [...main, last],
    scratchBytes: taps + wholeLines(4 * plan.depth),
    threadScratchBytes: copyBytes + blocks.images * gradientBytes(image, blocks.rows, plan.channels),
  }
}

type PartialSums = Readonly<
  Record<'partials' | 'result', Word> & Record<'partialSums' | 'partialStride' | 'elements', number>
>

/** A launch that adds up partial sums, in ascending order. */
export function addPartialSums(sums: PartialSums): Launch {
  const zeros = Object.fromEntries(weightGradientArguments.map((name) => [name, 0]))
  const values = { ...zeros, ...sums } as Record<WeightGradientArgument, Word | number>
  return {
    module: weightGradientModule,
    entry: 'addPartials',
    args: argumentBlock(weightGradientArguments, values),
    units: Math.ceil(sums.elements / ADD_ELEMENTS),
    grain: 1,
  }
}

interface Plan {
  /** Channels of the gradient in one group. */
  readonly channels: number
  readonly depth: number
  readonly elements: number
  readonly tiling: Tiling
  readonly blocks: Blocks
  readonly partialSums: number
  /** Into how many parts the channels of a group are cut where partial sums are too few units. */
  readonly parts: number
  readonly tilesPerPart: number
  readonly size: ImageSize
  /** Bytes of the copies of a block's images. */
  readonly copyBytes: number
}

function planOf({ geometry }: ConvolutionKernel, image: ImageLayout, tallest: number): Plan {
  const { groups, outputChannels, batch } = geometry
  const channels = outputChannels / groups
  const depth = image.channels * image.kernelHeight * image.kernelWidth
  const elements = outputChannels * depth
  const tiling = cutRows(channels, tallest)
  const blocks = cutBlocks(image, batch, channels)
  const fitting = Math.floor(PARTIAL_BYTES / (4 * elements))
  const partialSums = Math.max(1, Math.min(blocks.count, Math.ceil(ENOUGH_UNITS / groups), fitting))
  const wanted = Math.min(tiling.tiles, Math.ceil(ENOUGH_UNITS / (partialSums * groups)))
  const tilesPerPart = Math.ceil(tiling.tiles / wanted)
  const size = imageSize(image, blocks.rows)
  return {
    channels,
    depth,
    elements,
    tiling,
    blocks,
    partialSums,
    tilesPerPart,
    size,
    parts: Math.ceil(tiling.tiles / tilesPerPart),
    copyBytes: wholeLines(blocks.images * size.bytes + IMAGE_SLACK),
  }
}

type PlanArgument = Exclude<
  WeightGradientArgument,
  ImageArgument | 'partials' | 'result' | 'taps' | 'partialStride'
>

function wordsOf(
  { geometry, left, right }: ConvolutionKernel,
  image: ImageLayout,
  { channels, depth, elements, tiling, blocks, partialSums, parts, tilesPerPart, size, copyBytes }: Plan,
): Record<PlanArgument, Word | number> {
  return {
    fullVectors: Math.floor(image.resultWidth / 4),
    lastPixels: image.resultWidth % 4,
    copyPitch: 4 * size.pitch,
    copyBytes: size.bytes,
    resultStride: 4 * depth,
    source: addressOf(left),
    gradient: addressOf(right),
    gradientOffset: copyBytes,
    images: geometry.batch,
    groups: geometry.groups,
    gradientChannels: channels,
    gradientHeight: image.resultHeight,
    gradientWidth: image.resultWidth,
    depth,
    elements,
    height: tiling.height,
    tall: tiling.tall,
    tiles: tiling.tiles,
    tilesPerPart,
    parts,
    partialSums,
    imagesPerBlock: blocks.images,
    rowsPerBlock: blocks.rows,
    rowBlocks: blocks.rowBlocks,
    blocks: blocks.count,
  }
}

function gradientBytes(image: ImageLayout, rows: number, channels: number): number {
  return 16 * channels * rows * Math.ceil(image.resultWidth / 4)
}

interface Blocks {
  readonly images: number
  readonly rows: number
  readonly rowBlocks: number
  readonly count: number
}

/** Blocks of images, or of rows of one image, that fit the thread's scratch. */
function cutBlocks(image: ImageLayout, batch: number, channels: number): Blocks {
  const bytes = (rows: number): number => imageSize(image, rows).bytes + gradientBytes(image, rows, channels)
  let rows = Math.max(1, image.resultHeight)
  while (rows > 1 && bytes(rows) > BLOCK_BYTES) rows = Math.ceil(rows / 2)
  const rowBlocks = Math.max(1, Math.ceil(image.resultHeight / rows))
  rows = Math.max(1, Math.ceil(image.resultHeight / rowBlocks))
  const vectors = rows * Math.ceil(image.resultWidth / 4)
  const fitting = Math.floor(BLOCK_BYTES / Math.max(1, bytes(rows)))
  const wanted = Math.ceil(ENOUGH_VECTORS / Math.max(1, vectors))
  const images = rowBlocks > 1 ? 1 : Math.max(1, Math.min(batch, fitting, wanted))
  return { images, rows, rowBlocks, count: Math.ceil(batch / images) * rowBlocks }
}
