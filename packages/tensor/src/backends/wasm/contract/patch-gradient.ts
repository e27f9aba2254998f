import type { ConvolutionGeometry } from '../../../graph/geometry.ts'
import type { ConvolutionKernel } from '../../../schedule/kernels.ts'
import type { Target } from '../assembler/index.ts'
import { type Launch, type Lowering, scratchAddress, type Word } from '../launch.ts'
import { argumentBlock } from './arguments.ts'
import { addressOf } from './epilogue.ts'
import { EDGE_BYTES } from './gemm-arguments.ts'
import { multiplyPacked } from './lower-product.ts'
import {
  columnRuns,
  forwardImage,
  IMAGE_SLACK,
  type ImageLayout,
  imageSize,
  imageWords,
} from './padded-image.ts'
import { patchArguments, patchModule } from './patch-module.ts'
import { ENOUGH_UNITS, grainFor, wholeLines } from './sizing.ts'
import { cutRows, TILE_WIDTH, tileHeight } from './tiles.ts'

/** Bytes of the panels of a block. */
const BLOCK_BYTES = 4 * 1024 * 1024
/** Channels of a unit: their taps fill whole panels, however many taps there are. */
const CHANNELS = TILE_WIDTH

/**
 * The gradient of the weights as a matrix product, output gradient `[O, N · pixels]` · patches
 * `[N · pixels, C · taps]` (Chellapilla, Puri & Simard 2006, "High performance convolutional neural networks
 * for document processing"). For one group of channels.
 *
 * Both operands are written as the panels that the product reads, for a block of images or of rows of one at
 * a time, small enough for the caches; the product of a block is added to those before, in ascending order.
 */
export function lowerPatchGradient(
  kernel: ConvolutionKernel,
  result: Word,
  target: Target,
  scratchOffset: number,
): Lowering {
  const { outputChannels, inputChannels } = kernel.geometry
  const image = forwardImage(kernel.geometry)
  const depth = inputChannels * image.kernelHeight * image.kernelWidth
  const panels = Math.ceil(depth / TILE_WIDTH)
  const blocks = cutBlocks(kernel.geometry, outputChannels + TILE_WIDTH * panels)
  const steps = Math.max(...blocks.map(({ images, rows }) => images * rows)) * image.resultWidth
  const rightPanels = scratchOffset + wholeLines(4 * outputChannels * steps)
  const packing = { leftPanels: scratchAddress(scratchOffset), rightPanels: scratchAddress(rightPanels) }
  const packed = blocks.map((block) => packBlock(kernel, image, packing, block, target))
  return {
    launches: packed.flatMap(({ launches, steps: k }, index) => [
      ...launches,
      multiplyPacked({ m: outputChannels, n: depth, k, ...packing, result, accumulate: index > 0 }, target),
    ]),
    scratchBytes: rightPanels + 4 * TILE_WIDTH * panels * steps,
    threadScratchBytes: Math.max(EDGE_BYTES, ...packed.map(({ copyBytes }) => copyBytes)),
  }
}

interface Panels {
  readonly leftPanels: Word
  readonly rightPanels: Word
}

/** Some whole images, or some rows of one. */
interface Block {
  readonly image: number
  readonly images: number
  readonly row: number
  readonly rows: number
}

/** Blocks of about equal size, where a pixel takes `width` elements. */
function cutBlocks({ batch, outputHeight, outputWidth }: ConvolutionGeometry, width: number): Block[] {
  const fitting = Math.max(1, Math.floor(BLOCK_BYTES / (4 * width * outputWidth)))
  if (fitting >= outputHeight)
    return cut(batch, Math.floor(fitting / outputHeight)).map(({ start, count }) => ({
      image: start,
      images: count,
      row: 0,
      rows: outputHeight,
    }))
  const rows = cut(outputHeight, fitting)
  return Array.from({ length: batch }, (_, image) =>
    rows.map(({ start, count }) => ({ image, images: 1, row: start, rows: count })),
  ).flat()
}

function cut(size: number, most: number): { readonly start: number; readonly count: number }[] {
  const each = Math.ceil(size / Math.ceil(size / most))
  return Array.from({ length: Math.ceil(size / each) }, (_, index) => ({
    start: index * each,
    count: Math.min(each, size - index * each),
  }))
}

interface PackedBlock {
  readonly launches: readonly Launch[]
  readonly steps: number
  readonly copyBytes: number
}

function packBlock(
  { geometry: g, left, right }: ConvolutionKernel,
  image: ImageLayout,
  panels: Panels,
  block: Block,
  target: Target,
): PackedBlock {
  const steps = block.images * block.rows * g.outputWidth
  const channels = Math.min(CHANNELS, g.inputChannels)
  const channelGroups = Math.ceil(g.inputChannels / channels)
  const wanted = Math.min(block.rows, Math.ceil(ENOUGH_UNITS / (block.images * channelGroups)))
  const slabRows = Math.ceil(block.rows / wanted)
  const slabs = Math.ceil(block.rows / slabRows)
  const copy = copyOf(image, channels)
  const size = imageSize(copy, (slabRows - 1) * g.strideHeight + 1)
  const tiling = cutRows(g.outputChannels, tileHeight(target))
  const taps = g.kernelHeight * g.kernelWidth
  const values = {
    ...imageWords(copy, size),
    ...panels,
    ...block,
    source: addressOf(left),
    gradient: addressOf(right),
    steps,
    inputChannels: g.inputChannels,
    outputChannels: g.outputChannels,
    gradientHeight: g.outputHeight,
    gradientWidth: g.outputWidth,
    height: tiling.height,
    tall: tiling.tall,
    taps,
    channelGroups,
    slabs,
    slabRows,
    strideHeight: g.strideHeight,
    copyRowStep: 4 * g.strideHeight * size.pitch,
    pixelStep: 4 * g.strideWidth,
  }
  const tail = [...columnRuns(copy, size), ...tapsOf(copy, size.planeHeight, size.pitch)]
  const args = argumentBlock(patchArguments, values, tail)
  const launch = (entry: string, units: number, elements: number): Launch => ({
    module: patchModule,
    entry,
    args,
    units,
    grain: grainFor(8 * elements),
  })
  return {
    steps,
    copyBytes: wholeLines(size.bytes + IMAGE_SLACK),
    launches: [
      launch('packGradients', tiling.tiles, tiling.height * steps),
      launch('packPatches', block.images * channelGroups * slabs, channels * taps * slabRows * g.outputWidth),
    ],
  }
}

/** The padded image itself, of some channels; pixels between those of a result are kept. */
function copyOf(image: ImageLayout, channels: number): ImageLayout {
  return {
    ...image,
    channels,
    resultHeight: (image.resultHeight - 1) * image.stepHeight + 1,
    resultWidth: (image.resultWidth - 1) * image.stepWidth + 1,
    stepHeight: 1,
    stepWidth: 1,
  }
}

/** Bytes from the start of a copy to each (channel, tap), filled up to whole panels. */
function tapsOf(copy: ImageLayout, planeHeight: number, pitch: number): number[] {
  const { channels, kernelHeight, kernelWidth, dilationHeight, dilationWidth } = copy
  const offsets = Array.from({ length: channels * kernelHeight * kernelWidth }, (_, index) => {
    const [column, line] = [index % kernelWidth, Math.floor(index / kernelWidth)]
    const [row, channel] = [line % kernelHeight, Math.floor(line / kernelHeight)]
    return 4 * ((channel * planeHeight + row * dilationHeight) * pitch + column * dilationWidth)
  })
  return [...offsets, ...Array.from({ length: -offsets.length & (TILE_WIDTH - 1) }, () => 0)]
}
