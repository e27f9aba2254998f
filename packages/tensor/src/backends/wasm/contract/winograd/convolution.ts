import { type Launch, type Lowering, scratchAddress, type Word } from '../../launch.ts'
import { argumentBlock } from '../arguments.ts'
import type { FinishWords } from '../finish.ts'
import { ENOUGH_UNITS, grainFor } from '../sizing.ts'
import { convolutionArguments, convolutionModule } from './convolution-module.ts'
import { EDGE_BYTES } from './store-tiles.ts'
import { cutTiles, fittingTiles, oddLines, planeStrideFor, stripBytes, TILE } from './tile-blocks.ts'
import { PLANES } from './transform-tiles.ts'

/** Bytes of transformed data and products of a block, which are to stay in level 2. */
const BLOCK_BYTES = 1280 * 1024
/** Fewer tiles make the matrix products short, more would gain nothing. */
const [FEWEST_TILES, MOST_TILES] = [24, 96]

/**
 * A 3×3 convolution of stride 1 by Winograd's minimal filtering, from plain `[N, C, H, W]` to plain
 * `[N, K, H, W]` (the mathematics: `transforms.ts`).
 *
 * - The weights are transformed once, to `[36][K/8][C][8]`.
 * - A block of tiles, small enough for level 2, goes through three steps: four channels at a time its pixels
 *   are turned into a padded strip with channels as lanes and transformed, to `[36][C/4][tile][4]`; 36 matrix
 *   products, 6 tiles × 8 channels in registers, give `[36][K/4][tile][4]`; these are transformed back and
 *   turned into rows of pixels in registers, then finished (bias, relu, mask) in the caches.
 * - A unit of work is a block; where there are few, each step is a launch of its own, cut by channels or
 *   planes. How a block is cut out does not change any result.
 * - Channels up to a multiple of four meet weights of zero; result channels up to a multiple of eight are
 *   computed and left.
 */
export interface WinogradConvolution {
  readonly images: number
  readonly channels: number
  readonly sourceHeight: number
  readonly sourceWidth: number
  /** Rows of padding above the image; negative to leave rows out. */
  readonly top: number
  readonly left: number
  readonly resultChannels: number
  readonly resultHeight: number
  readonly resultWidth: number
  readonly source: Word
  readonly result: Word
  readonly finish: FinishWords
  /** Strides in elements; a kernel has nine taps, to be turned by 180° or not. */
  readonly weights: {
    readonly address: Word
    readonly result: number
    readonly channel: number
    readonly turned: boolean
  }
}

/** Transformed weights, data and products lie in the scratch from `scratchOffset` on. */
export function lowerWinograd(convolution: WinogradConvolution, scratchOffset: number): Lowering {
  const plan = planOf(convolution)
  const { blocks, quarters, resultQuarters, panels, planeStride, parts, phases } = plan
  const panelPlane = oddLines(128 * quarters * panels)
  const data = scratchOffset + PLANES * panelPlane
  const dataBytes = PLANES * planeStride
  const [dataOffset, productsOffset] = [
    EDGE_BYTES + plan.stripBytes,
    EDGE_BYTES + plan.stripBytes + dataBytes,
  ]
  const args = argumentBlock(convolutionArguments, {
    ...wordsOf(convolution),
    ...plan.words,
    panels: scratchAddress(scratchOffset),
    panelPlane,
    panelsPerPart: Math.ceil(panels / parts),
    parts,
    data: scratchAddress(data),
    products: scratchAddress(data + blocks * dataBytes),
    dataOffset,
    productsOffset,
  })
  const launch = (entry: string, units: number, workPerUnit: number): Launch => ({
    module: convolutionModule(planeStride),
    entry,
    args,
    units,
    grain: grainFor(workPerUnit),
  })
  const { tiles } = plan
  const products = 128 * PLANES * quarters * resultQuarters * tiles / 8
  const weights = launch(
    convolution.weights.turned ? 'transformTurnedWeights' : 'transformWeights',
    panels,
    1024 * quarters,
  )
  if (!phases) {
    return {
      launches: [weights, launch('convolve', blocks, products)],
      scratchBytes: data,
      threadScratchBytes: productsOffset + dataBytes,
    }
  }
  return {
    launches: [
      weights,
      launch('transformImages', blocks * quarters, 256 * tiles),
      launch('multiply', blocks * PLANES * parts, products / PLANES / parts),
      launch('storeResults', blocks * resultQuarters, 256 * tiles),
    ],
    scratchBytes: data + 2 * blocks * dataBytes,
    threadScratchBytes: dataOffset,
  }
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- what it is, is what it says
function planOf({ images, channels, resultChannels, resultHeight, resultWidth }: WinogradConvolution) {
  const [tileRows, tileColumns] = [Math.ceil(resultHeight / TILE), Math.ceil(resultWidth / TILE)]
  const [quarters, panels] = [Math.ceil(channels / 4), Math.ceil(resultChannels / 8)]
  const most = Math.max(4 * quarters, 8 * panels)
  const fitting = Math.floor(BLOCK_BYTES / (4 * PLANES * (4 * quarters + 8 * panels)))
  const wanted = Math.min(fittingTiles(most), Math.max(FEWEST_TILES, Math.min(MOST_TILES, fitting)))
  const cut = cutTiles(images, tileRows, tileColumns, wanted)
  const phases = cut.blocks < ENOUGH_UNITS / 2
  return {
    ...cut,
    quarters,
    resultQuarters: Math.ceil(resultChannels / 4),
    panels,
    planeStride: planeStrideFor(most, cut.tiles),
    phases,
    parts: 1,
    stripBytes: stripBytes(cut),
    words: {
      images,
      tileRows,
      tileColumns,
      imagesPerBlock: cut.imagesPerBlock,
      rowsPerBlock: cut.rowsPerBlock,
      columnsPerBlock: cut.columnsPerBlock,
      rowBlocks: cut.rowBlocks,
      columnBlocks: cut.columnBlocks,
      blocks: cut.blocks,
      tileStride: 16 * cut.tiles,
    },
  }
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- a part of the argument block
function wordsOf(convolution: WinogradConvolution) {
  const { weights, finish } = convolution
  return {
    ...finish,
    source: convolution.source,
    channels: convolution.channels,
    sourceHeight: convolution.sourceHeight,
    sourceWidth: convolution.sourceWidth,
    top: convolution.top,
    left: convolution.left,
    result: convolution.result,
    resultChannels: convolution.resultChannels,
    resultHeight: convolution.resultHeight,
    resultWidth: convolution.resultWidth,
    weights: weights.address,
    weightResult: 4 * weights.result,
    weightChannel: 4 * weights.channel,
  }
}
