import { type Launch, type Lowering, scratchAddress, type Word } from '../../launch.ts'
import { argumentBlock } from '../arguments.ts'
import type { FinishWords } from '../finish.ts'
import { grainFor } from '../sizing.ts'
import { convolutionArguments, convolutionModule } from './convolution-module.ts'
import { type Form, partProducts, type Tiles } from './forms.ts'
import { EDGE_BYTES } from './store-tiles.ts'
import {
  cutTiles,
  fittingTiles,
  oddLines,
  planeStrideFor,
  stripBytes,
  type TileBlocks,
} from './tile-blocks.ts'

/** Bytes of transformed data and products of a block, which are to stay in level 2. */
const BLOCK_BYTES = 1280 * 1024
/** Fewer tiles make the matrix products short, more would gain nothing. */
const [FEWEST_TILES, MOST_TILES] = [24, 96]
/** Up to so many tiles are a single block. Measured for 512 channels. */
const SINGLE_BLOCK = 32
/**
 * For a single block, weights of a panel of more bytes are transformed and used some quarters of the channels
 * at a time: few enough that the two disturb each other little in the caches. Measured.
 */
const [PANEL_BYTES, QUARTERS_AT_ONCE] = [384 * 1024, 16]

/**
 * Bytes of transformed weights that do not stay in level 3, and the fewest tiles that are worth fetching
 * them.
 */
const [MANY_WEIGHTS, TILES_FOR_MANY_WEIGHTS] = [16 * 1024 * 1024, 64]

/** Blocks from which on they are the units of work. */
const ENOUGH_BLOCKS = 8

/**
 * A 3×3 convolution of stride 1 by Winograd's minimal filtering, from plain `[N, C, H, W]` to plain
 * `[N, K, H, W]` (the mathematics: `transforms.ts`), or one of stride 2 or its input gradient
 * (`phase-transforms.ts`), or one of 7×7 of stride 2. What differs is the form: `planes` is 36, or 25 for the
 * two of stride 2 of 3×3.
 *
 * - Weights are transformed to `[planes][K/8][part][C][8]`; parts are the phases of a stride.
 * - A block of tiles, small enough for level 2, goes through three steps: four channels at a time its
 *   pixels are turned into a padded strip with channels as lanes and transformed, to
 *   `[planes][part][C/4][tile][4]`; matrix products, 6 tiles × 8 channels in registers, give
 *   `[planes][K/8][part][2][tile][4]`; these are transformed back and turned into rows of pixels in
 *   registers (through a strip, where they are put together from phases), then finished (bias, relu, mask)
 *   in the caches.
 * - A unit of work is a block, after all weights have been transformed. Where there are few blocks, all are
 *   transformed first, and a unit takes eight result channels through them, transforming their weights into
 *   level 2: some channels at a time, where there are many for a single block. How a block is cut out does not
 *   change any result.
 * - A 7×7 convolution of stride 2 is one of 4×4 over the phases of its images. They take the place of channels
 *   in the vectors of image and weights, `[...][C][phase]` for `[...][C/4][4]`.
 * - Channels up to a multiple of four meet weights of zero; result channels up to a multiple of eight are
 *   computed and left.
 */
export interface WinogradConvolution {
  readonly form: Form
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
  /** Rows of the first tiles that lie above the result. */
  readonly resultTop: number
  readonly resultLeft: number
  readonly source: Word
  readonly result: Word
  readonly finish: FinishWords
  /** Strides in elements; the taps of a kernel lie side by side, to be turned by 180° or not. */
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
  const { cut, quarters, quartersAtOnce, panels, planeStride } = plan
  const { form } = convolution
  const { count: planes } = form.planes
  const quarterBytes = 128 * form.image.parts.length * form.results.parts.length
  const panelsPlane = oddLines(quarterBytes * quarters * panels)
  const panelPlane = quarterBytes * quartersAtOnce + 64
  const dataBytes = planes * planeStride
  const dataOffset =
    EDGE_BYTES + Math.max(stripBytes(cut, form.image), stripBytes({ ...cut, rowsPerBlock: 1 }, form.results))
  const whole = cut.blocks >= ENOUGH_BLOCKS
  const productsOffset = dataOffset + (whole ? dataBytes : planes * panelPlane)
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
    module: convolutionModule(form, planeStride),
    entry,
    args,
    units,
    grain: grainFor(workPerUnit),
  })
  const products = 32 * partProducts(form.planes) * quarters * cut.tiles
  const weights = 28 * partProducts(form.planes) * quarters
  return {
    launches: whole
      ? [launch('transformPanels', panels, weights), launch('convolve', cut.blocks, products * panels)]
      : [
          launch('transformImages', cut.blocks * quarters, 256 * cut.tiles),
          launch('convolvePanels', panels, weights + products * cut.blocks),
        ],
    scratchBytes: scratchOffset + (whole ? planes * panelsPlane : cut.blocks * dataBytes),
    threadScratchBytes: productsOffset + dataBytes,
  }
}

interface Plan {
  readonly tileRows: number
  readonly tileColumns: number
  readonly cut: TileBlocks
  /** Groups of four channels, or channels by their phases. */
  readonly quarters: number
  /** Those whose weights are transformed before they are used. */
  readonly quartersAtOnce: number
  /** Groups of eight result channels. */
  readonly panels: number
  readonly planeStride: number
}

function planOf({
  form: { planes, image, results },
  images,
  channels,
  resultChannels,
  resultHeight,
  resultWidth,
  resultTop,
  resultLeft,
}: WinogradConvolution): Plan {
  const tileRows = Math.ceil((resultTop + resultHeight) / results.step)
  const tileColumns = Math.ceil((resultLeft + resultWidth) / results.step)
  const quarters = image.phased ? channels : Math.ceil(channels / 4)
  const panels = Math.ceil(resultChannels / 8)
  const [depth, height] = [4 * quarters * image.parts.length, 8 * panels * results.parts.length]
  const most = Math.max(depth, height)
  const perTile = (tiles: Tiles, of: number): number =>
    of * (tiles.parts.length > 1 ? partProducts(planes) : planes.count)
  const tileBytes = 4 * (perTile(image, 4 * quarters) + perTile(results, 8 * panels))
  const fitting = Math.floor(BLOCK_BYTES / tileBytes)
  const weightBytes = 128 * partProducts(planes) * quarters * panels
  const fewest = weightBytes > MANY_WEIGHTS ? TILES_FOR_MANY_WEIGHTS : FEWEST_TILES
  const all = images * tileRows * tileColumns
  const enough = all <= SINGLE_BLOCK ? all : Math.max(fewest, Math.min(MOST_TILES, fitting))
  const wanted = Math.min(fittingTiles(most), enough)
  const cut = cutTiles(images, tileRows, tileColumns, wanted)
  const inSteps = cut.blocks === 1 && image.parts.length === 1 && weightBytes > PANEL_BYTES * panels
  const quartersAtOnce = inSteps ? QUARTERS_AT_ONCE : quarters
  const planeStride = planeStrideFor(most, cut.tiles)
  return { tileRows, tileColumns, cut, quarters, quartersAtOnce, panels, planeStride }
}
