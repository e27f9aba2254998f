import { type Launch, type Lowering, scratchAddress, type Word } from '../../launch.ts'
import { argumentBlock } from '../arguments.ts'
import { ENOUGH_UNITS, grainFor } from '../sizing.ts'
import { partProducts, type Planes, type Tiles, type WeightGradientForm } from './forms.ts'
import {
  cutTiles,
  fittingTiles,
  oddLines,
  planeStrideFor,
  stripBytes,
  TILE,
  type TileBlocks,
} from './tile-blocks.ts'
import { ADD_VECTORS, weightGradientArguments, weightGradientModule } from './weight-gradient-module.ts'

/** Bytes of transformed images and gradients of a block, which are to stay in level 2. */
const BLOCK_BYTES = 1280 * 1024
/** Fewer tiles make the matrix products short, more would gain nothing. */
const [FEWEST_TILES, MOST_TILES] = [64, 98]
/** Tiles of a block where blocks are transformed first, and memory for that, which is to stay in level 3. */
const PHASE_TILES = 196
const DATA_BYTES = 20 * 1024 * 1024
/** Largest memory for partial sums. */
const PARTIAL_BYTES = 12 * 1024 * 1024
/**
 * Bytes of the sums of a unit that has all blocks, and a multiple of the quarters that a register tile
 * takes.
 */
const SUM_BYTES = 768 * 1024
const MOST_QUARTERS = 12
/** Fewer partial sums would keep too few threads busy. */
const FEWEST_PARTIALS = 4

/**
 * The gradient of a 3×3 kernel by Winograd's minimal filtering F(3×3, 4×4): images and output gradients are
 * transformed, the matrix products run along the tiles, and their sums are transformed back once (the
 * mathematics: `transforms.ts`; for a stride of 2 `phase-transforms.ts`).
 *
 * - A block of tiles, small enough for level 2, becomes `[planes][part][C/4][tile][4]` and
 *   `[planes][K/4][tile][4]`, as in the forward convolution; a register tile is 6 × 8 channels.
 * - Blocks are cut into at most 16 partial sums `[planes][K/4][part][channel][4]`, by the sizes alone, each
 *   taken in ascending order by one unit; then they are added up in ascending order.
 * - Where the sums are too large for that, all blocks (or as many as memory is spent on, then the next) are
 *   transformed first, into the scratch of the kernel, and a unit takes some of the weights through all of
 *   them: their sums are never written any further than level 2, from where they are transformed back.
 */
export interface WinogradWeightGradient {
  readonly form: WeightGradientForm
  readonly images: number
  readonly channels: number
  readonly sourceHeight: number
  readonly sourceWidth: number
  /** Rows of padding above the image; negative to leave rows out. */
  readonly top: number
  readonly left: number
  readonly gradientChannels: number
  readonly gradientHeight: number
  readonly gradientWidth: number
  readonly source: Word
  readonly gradient: Word
  readonly result: Word
}

/** Sums and transformed data lie in the scratch from `scratchOffset` on. */
export function lowerWinogradWeightGradient(
  gradient: WinogradWeightGradient,
  scratchOffset: number,
): Lowering {
  const { form } = gradient
  const plan = planOf(gradient)
  const { cut, planeStride, sums, partialSums, blocksAtOnce } = plan
  const sumBytes = form.planes.count * sums.sumPlane
  const dataBytes = form.planes.count * planeStride
  const data = scratchOffset + partialSums * sumBytes
  const dataOffset = Math.max(stripBytes(cut, form.image), stripBytes(cut, form.gradient))
  const words = {
    ...gradient,
    ...cut,
    ...plan.grid,
    ...sums,
    tileStride: 16 * cut.tiles,
    gradientTop: 0,
    gradientLeft: 0,
    sums: scratchAddress(scratchOffset),
    partialSums,
    data: scratchAddress(data),
    gradients: scratchAddress(data + blocksAtOnce * dataBytes),
    dataOffset,
    gradientsOffset: dataOffset + dataBytes,
  }
  const module = weightGradientModule(form, planeStride)
  /** Makes launches that take the blocks from `firstBlock` to `end`. */
  const launchesFor: LaunchesFor = (firstBlock, end) => {
    const args = argumentBlock(weightGradientArguments, { ...words, firstBlock, blocks: end })
    return (entry, units, work) => ({ module, entry, args, units, grain: grainFor(work) })
  }
  const products = 32 * partProducts(form.planes) * plan.quarters * plan.panels * cut.tiles
  return partialSums === 0
    ? {
        launches: launchPhases(plan, products, launchesFor),
        scratchBytes: data + 2 * blocksAtOnce * dataBytes,
        threadScratchBytes: Math.max(dataOffset, sumBytes),
      }
    : {
        launches: launchPartials(plan, products, sumBytes, launchesFor(0, cut.blocks)),
        scratchBytes: data,
        threadScratchBytes: dataOffset + 2 * dataBytes,
      }
}

type MakeLaunch = (entry: string, units: number, workPerUnit: number) => Launch
type LaunchesFor = (firstBlock: number, end: number) => MakeLaunch

/**
 * Blocks are transformed first, as many as memory is spent on; `products` are the multiply-adds of a block.
 */
function launchPhases(
  { cut: { blocks, tiles }, quarters, panels, sums, blocksAtOnce }: Plan,
  products: number,
  launchesFor: LaunchesFor,
): Launch[] {
  const units = sums.quarterUnits * Math.ceil(panels / sums.panelsPerUnit)
  return Array.from({ length: Math.ceil(blocks / blocksAtOnce) }, (_, round) => {
    const firstBlock = round * blocksAtOnce
    const count = Math.min(blocksAtOnce, blocks - firstBlock)
    const launch = launchesFor(firstBlock, firstBlock + count)
    return [
      launch('transformImages', count * quarters, 256 * tiles),
      launch('transformGradients', count * 2 * panels, 256 * tiles),
      launch('multiplyWeights', units, (products * count) / units),
    ]
  }).flat()
}

function launchPartials(
  { cut, quarters, panels, partialSums }: Plan,
  products: number,
  sumBytes: number,
  launch: MakeLaunch,
): Launch[] {
  const addUnits = Math.ceil(sumBytes / (16 * ADD_VECTORS))
  return [
    launch('accumulate', partialSums, (products * cut.blocks) / partialSums),
    ...(partialSums === 1 ? [] : [launch('addPartials', addUnits, 4 * ADD_VECTORS * partialSums)]),
    launch('storeWeights', 2 * panels, 512 * quarters),
  ]
}

interface Plan {
  readonly grid: { readonly tileRows: number; readonly tileColumns: number }
  readonly cut: TileBlocks
  /** Groups of four channels. */
  readonly quarters: number
  /** Groups of eight channels of the gradient. */
  readonly panels: number
  readonly planeStride: number
  readonly sums: Sums
  /** None if blocks are transformed first. */
  readonly partialSums: number
  /** How many blocks are transformed before any of them is used. */
  readonly blocksAtOnce: number
}

/** Which sums a unit has, and the bytes of one of their planes. */
interface Sums {
  readonly quartersPerUnit: number
  readonly quarterUnits: number
  readonly panelsPerUnit: number
  readonly sumPlane: number
}

function planOf({
  form: { planes, image },
  images,
  channels,
  gradientChannels,
  gradientHeight,
  gradientWidth,
}: WinogradWeightGradient): Plan {
  const [tileRows, tileColumns] = [Math.ceil(gradientHeight / TILE), Math.ceil(gradientWidth / TILE)]
  const [quarters, panels] = [Math.ceil(channels / 4), Math.ceil(gradientChannels / 8)]
  const most = Math.max(4 * quarters * image.parts.length, 8 * panels)
  const tileBytes = 4 * (partProducts(planes) * 4 * quarters + planes.count * 8 * panels)
  const fitting = Math.floor(BLOCK_BYTES / tileBytes)
  const cutBy = (wanted: number): TileBlocks =>
    cutTiles(images, tileRows, tileColumns, Math.min(fittingTiles(most), wanted))
  const small = cutBy(Math.max(FEWEST_TILES, Math.min(MOST_TILES, fitting)))
  const all = sumsOf(image, quarters, quarters, panels)
  const fewSums = Math.min(
    small.blocks,
    ENOUGH_UNITS,
    Math.floor(PARTIAL_BYTES / (planes.count * all.sumPlane)),
  )
  const phases = fewSums < FEWEST_PARTIALS
  const cut = phases ? cutBy(PHASE_TILES) : small
  const planeStride = planeStrideFor(most, cut.tiles)
  const fittingBlocks = Math.max(1, Math.floor(DATA_BYTES / (2 * planes.count * planeStride)))
  return {
    grid: { tileRows, tileColumns },
    cut,
    quarters,
    panels,
    planeStride,
    blocksAtOnce: Math.min(cut.blocks, fittingBlocks),
    sums: phases ? cutSums(planes, image, quarters, panels) : all,
    partialSums: phases ? 0 : fewSums,
  }
}

function sumsOf({ parts }: Tiles, quarters: number, quartersPerUnit: number, panelsPerUnit: number): Sums {
  return {
    quartersPerUnit,
    quarterUnits: Math.ceil(quarters / quartersPerUnit),
    panelsPerUnit,
    sumPlane: oddLines(128 * parts.length * quartersPerUnit * panelsPerUnit),
  }
}

/** Sums that stay in level 2, and enough units of them. */
function cutSums(planes: Planes, image: Tiles, quarters: number, panels: number): Sums {
  const even = (total: number, most: number): number =>
    Math.ceil(total / Math.ceil(total / Math.max(1, most)))
  const quartersPerUnit = even(quarters, MOST_QUARTERS)
  const fitting = Math.floor(SUM_BYTES / (128 * partProducts(planes) * quartersPerUnit))
  const enough = Math.floor((panels * Math.ceil(quarters / quartersPerUnit)) / ENOUGH_UNITS)
  return sumsOf(image, quarters, quartersPerUnit, even(panels, Math.min(fitting, enough)))
}
