import { type Launch, type Lowering, scratchAddress, type Word } from '../../launch.ts'
import { argumentBlock } from '../arguments.ts'
import type { FinishWords } from '../finish.ts'
import { grainFor } from '../sizing.ts'
import { convolutionArguments, convolutionModule } from './convolution-module.ts'
import { EDGE_BYTES } from './store-tiles.ts'
import {
  cutTiles,
  fittingTiles,
  oddLines,
  planeStrideFor,
  stripBytes,
  TILE,
  type TileBlocks,
} from './tile-blocks.ts'
import { PLANES } from './transform-tiles.ts'

/** Bytes of transformed data and products of a block, which are to stay in level 2. */
const BLOCK_BYTES = 1280 * 1024
/** Fewer tiles make the matrix products short, more would gain nothing. */
const [FEWEST_TILES, MOST_TILES] = [24, 96]

/** Blocks from which on they are the units of work. */
const ENOUGH_BLOCKS = 8

/**
 * A 3×3 convolution of stride 1 by Winograd's minimal filtering, from plain `[N, C, H, W]` to plain
 * `[N, K, H, W]` (the mathematics: `transforms.ts`).
 *
 * - Weights are transformed to `[36][K/8][C][8]`.
 * - A block of tiles, small enough for level 2, goes through three steps: four channels at a time its pixels
 *   are turned into a padded strip with channels as lanes and transformed, to `[36][C/4][tile][4]`; 36 matrix
 *   products, 6 tiles × 8 channels in registers, give `[36][K/4][tile][4]`; these are transformed back and
 *   turned into rows of pixels in registers, then finished (bias, relu, mask) in the caches.
 * - A unit of work is a block, after all weights have been transformed. Where there are few blocks, all are
 *   transformed first, and a unit takes eight result channels through them, transforming their weights into
 *   level 2. How a block is cut out does not change any result.
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

/** Transformed weights, or data, lie in the scratch from `scratchOffset` on. */
export function lowerWinograd(convolution: WinogradConvolution, scratchOffset: number): Lowering {
  const plan = planOf(convolution)
  const { cut, quarters, panels, planeStride } = plan
  const [panelsPlane, panelPlane] = [oddLines(128 * quarters * panels), oddLines(128 * quarters)]
  const dataBytes = PLANES * planeStride
  const dataOffset = EDGE_BYTES + stripBytes(cut)
  const whole = cut.blocks >= ENOUGH_BLOCKS
  const productsOffset = dataOffset + (whole ? dataBytes : PLANES * panelPlane)
  const args = argumentBlock(convolutionArguments, {
    ...convolution,
    ...convolution.finish,
    ...cut,
    ...plan,
    weights: convolution.weights.address,
    weightResult: 4 * convolution.weights.result,
    weightChannel: 4 * convolution.weights.channel,
    turned: convolution.weights.turned ? 1 : 0,
    tileStride: 16 * cut.tiles,
    panels: scratchAddress(scratchOffset),
    panelsPlane,
    panelPlane,
    data: scratchAddress(scratchOffset),
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
  const products = 32 * PLANES * quarters * cut.tiles
  const weights = 1024 * quarters
  return {
    launches: whole
      ? [launch('transformPanels', panels, weights), launch('convolve', cut.blocks, products * panels)]
      : [
          launch('transformImages', cut.blocks * quarters, 256 * cut.tiles),
          launch('convolvePanels', panels, weights + products * cut.blocks),
        ],
    scratchBytes: scratchOffset + (whole ? PLANES * panelsPlane : cut.blocks * dataBytes),
    threadScratchBytes: productsOffset + dataBytes,
  }
}

interface Plan {
  readonly tileRows: number
  readonly tileColumns: number
  readonly cut: TileBlocks
  /** Groups of four channels. */
  readonly quarters: number
  /** Groups of eight result channels. */
  readonly panels: number
  readonly planeStride: number
}

function planOf({ images, channels, resultChannels, resultHeight, resultWidth }: WinogradConvolution): Plan {
  const [tileRows, tileColumns] = [Math.ceil(resultHeight / TILE), Math.ceil(resultWidth / TILE)]
  const [quarters, panels] = [Math.ceil(channels / 4), Math.ceil(resultChannels / 8)]
  const most = Math.max(4 * quarters, 8 * panels)
  const fitting = Math.floor(BLOCK_BYTES / (4 * PLANES * (4 * quarters + 8 * panels)))
  const wanted = Math.min(fittingTiles(most), Math.max(FEWEST_TILES, Math.min(MOST_TILES, fitting)))
  const cut = cutTiles(images, tileRows, tileColumns, wanted)
  return { tileRows, tileColumns, cut, quarters, panels, planeStride: planeStrideFor(most, cut.tiles) }
}
