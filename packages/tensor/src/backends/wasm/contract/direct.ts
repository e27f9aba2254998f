import type { Target } from '../assembler/index.ts'
import { type Launch, type Lowering, scratchAddress, type Word } from '../launch.ts'
import { argumentBlock } from './arguments.ts'
import { directArguments, directModule, EDGE_BYTES } from './direct-module.ts'
import type { FinishWords } from './finish.ts'
import { columnRuns, IMAGE_SLACK, type ImageLayout, imageSize, imageWords } from './padded-image.ts'
import { rowGroupsOf } from './pixel-tile.ts'
import { COPY_BYTES, ENOUGH_UNITS, grainFor, wholeLines } from './sizing.ts'
import { cutRows, tileHeight, type Tiling } from './tiles.ts'

/**
 * Convolution straight from a padded copy of the image: a matrix product of the weights `[channels of the
 * result, depth]` and of the image's patches `[depth, pixels]`, whose right operand is never written out.
 * Step k of a tile loads its eight pixels from the copy at the offset of (channel, tap) k, found in a table.
 *
 * - A tile is up to 6 channels × two groups of four neighbouring pixels, anywhere in the image. Rows whose
 *   width is no multiple of four end in a group that overlaps the one before and computes the same values
 *   again.
 * - A tile of one channel, as a depthwise convolution has, takes eight groups (`pixel-tile.ts`).
 * - A unit of work is a block of rows of one image and one group of channels: its part of the image is
 *   copied into the thread's scratch, small enough to stay in level 2, while the weights of one tile stay in
 *   level 1.
 * - First, one launch packs the weights into panels and one writes the tables; where there are few blocks, so
 *   that several units take parts of the channels of the same one, one copies the images for all of them.
 */
export interface DirectConvolution {
  readonly images: number
  readonly groups: number
  readonly image: ImageLayout
  /** Channels of the result in one group. */
  readonly resultChannels: number
  readonly source: Word
  readonly result: Word
  readonly finish: FinishWords
  /** Strides in elements; a row is what makes one channel of the result: `channels` of `lines` of `taps`. */
  readonly weights: {
    readonly address: Word
    readonly group: number
    readonly row: number
    readonly channels: number
    readonly channel: number
    readonly lines: number
    readonly line: number
    readonly taps: number
    readonly tap: number
  }
}

/** Channels of a copy that a unit makes. */
const COPIED_CHANNELS = 16

/** Panels and tables lie in the scratch from `scratchOffset` on. */
export function lowerDirect(convolution: DirectConvolution, target: Target, scratchOffset: number): Lowering {
  const { images, groups, image, resultChannels } = convolution
  const depth = image.channels * image.kernelHeight * image.kernelWidth
  const tiling = cutRows(resultChannels, tileHeight(target))
  const { rows, rowBlocks, parts } = cutUnits(convolution, tiling.tiles)
  const [size, groupsPerRow] = [imageSize(image, rows), Math.ceil(image.resultWidth / 4)]
  const taps = scratchOffset + wholeLines(4 * groups * resultChannels * depth)
  const pixels = taps + wholeLines(4 * depth)
  const copies = wholeLines(pixels + 8 * groupsPerRow * rows)
  // Where several units read the same copy, it is made once, before.
  const copyBytes = parts > 1 ? wholeLines(size.bytes + IMAGE_SLACK) : 0
  const blocks = images * groups * rowBlocks
  const values = {
    ...imageWords(image, size),
    ...convolution.finish,
    source: convolution.source,
    result: convolution.result,
    ...weightWords(convolution.weights),
    panels: scratchAddress(scratchOffset),
    taps: scratchAddress(taps),
    pixels: scratchAddress(pixels),
    groups,
    resultChannels,
    resultHeight: image.resultHeight,
    resultWidth: image.resultWidth,
    depth,
    ...tileWords(tiling),
    rowsPerBlock: rows,
    rowBlocks,
    tilesPerPart: Math.ceil(tiling.tiles / parts),
    parts,
    sourceGroup: 4 * image.channels * image.sourceHeight * image.sourceWidth,
    imageOffset: EDGE_BYTES,
    copies: scratchAddress(copies),
    copyBytes,
    channelBytes: size.bytes / Math.max(1, image.channels),
    channelsPerCopy: COPIED_CHANNELS,
    rowGroups: rowGroupsOf(image.resultWidth),
  }
  const args = argumentBlock(directArguments, values, columnRuns(image, size))
  const launch = (entry: string, units: number, workPerUnit: number): Launch => ({
    module: directModule,
    entry,
    args,
    units,
    grain: grainFor(workPerUnit),
  })
  const work = (resultChannels * depth * rows * image.resultWidth) / parts
  return {
    launches: [
      launch('tables', 1, 0),
      launch('packWeights', groups * tiling.tiles, 8 * tiling.height * depth),
      launch('copyBlocks', copyBytes && blocks * Math.ceil(image.channels / COPIED_CHANNELS), size.bytes),
      launch('convolve', blocks * parts, work),
    ],
    scratchBytes: copies + blocks * copyBytes,
    threadScratchBytes: EDGE_BYTES + size.bytes + IMAGE_SLACK,
  }
}

function tileWords({ height, tall, tiles }: Tiling) {
  return { height, tall, tiles }
}

function weightWords(weights: DirectConvolution['weights']) {
  return {
    weights: weights.address,
    weightGroup: 4 * weights.group,
    weightRow: 4 * weights.row,
    weightChannels: weights.channels,
    weightChannel: 4 * weights.channel,
    weightLines: weights.lines,
    weightLine: 4 * weights.line,
    weightTaps: weights.taps,
    weightTap: 4 * weights.tap,
  }
}

/**
 * Rows to a block, and into how many parts the channels of the result are cut where blocks alone are too few
 * units.
 */
function cutUnits(
  { images, groups, image }: DirectConvolution,
  tiles: number,
): {
  readonly rows: number
  readonly rowBlocks: number
  readonly parts: number
} {
  let rows = image.resultHeight
  const blocks = (): number => Math.ceil(image.resultHeight / rows)
  while (rows > 1 && imageSize(image, rows).bytes > COPY_BYTES) rows = Math.ceil(rows / 2)
  while (rows > 8 && images * groups * blocks() < ENOUGH_UNITS) rows = Math.ceil(rows / 2)
  // Blocks of equal height: 28 rows are 14 + 14, not 16 + 12.
  rows = Math.ceil(image.resultHeight / blocks())
  const parts = Math.min(tiles, Math.ceil(ENOUGH_UNITS / Math.max(1, images * groups * blocks())))
  return { rows, rowBlocks: blocks(), parts: Math.ceil(tiles / Math.ceil(tiles / parts)) }
}
