import { type Launch, type Lowering, scratchAddress, type Word } from '../../launch.ts'
import { argumentBlock } from '../arguments.ts'
import { ENOUGH_UNITS, grainFor } from '../sizing.ts'
import { partProducts, type WeightGradientForm } from './forms.ts'
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
const [FEWEST_TILES, MOST_TILES] = [48, 98]
/** Largest memory for partial sums. */
const PARTIAL_BYTES = 12 * 1024 * 1024
/** Fewer partial sums would keep too few threads busy. */
const FEWEST_PARTIALS = 4

/**
 * The gradient of a 3×3 kernel by Winograd's minimal filtering F(3×3, 4×4): images and output gradients are
 * transformed, the matrix products run along the tiles, and their sums are transformed back once (the
 * mathematics: `transforms.ts`; for a stride of 2 `phase-transforms.ts`).
 *
 * - A block of tiles, small enough for level 2, becomes `[planes][part][C/4][tile][4]` and
 *   `[planes][K/4][tile][4]`, as in the forward convolution; a register tile is 6 × 8 channels.
 * - Blocks are cut into at most 16 partial sums `[planes][K/4][part][channel][4]`, by the sizes alone, each taken in
 *   ascending order by one unit; then they are added up in ascending order.
 * - Where the sums are too large for that, all blocks are transformed first, into the scratch of the kernel,
 *   and a unit takes one plane through all of them.
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
  const { grid, cut, quarters, panels, planeStride, sumPlane, partialSums, phases } = planOf(gradient)
  const { blocks, tiles } = cut
  const { form } = gradient
  const { count: planes } = form.planes
  const dataBytes = planes * planeStride
  const data = scratchOffset + partialSums * planes * sumPlane
  const dataOffset = Math.max(stripBytes(cut, form.image), stripBytes(cut, form.gradient))
  const args = argumentBlock(weightGradientArguments, {
    ...gradient,
    ...cut,
    ...grid,
    tileStride: 16 * tiles,
    gradientTop: 0,
    gradientLeft: 0,
    sums: scratchAddress(scratchOffset),
    sumPlane,
    partialSums,
    data: scratchAddress(data),
    gradients: scratchAddress(data + blocks * dataBytes),
    dataOffset,
    gradientsOffset: dataOffset + dataBytes,
  })
  const launch = (entry: string, units: number, workPerUnit: number): Launch => ({
    module: weightGradientModule(form, planeStride),
    entry,
    args,
    units,
    grain: grainFor(workPerUnit),
  })
  const products = 32 * partProducts(form.planes) * quarters * panels * tiles * blocks
  const store = launch('storeWeights', Math.ceil(gradient.gradientChannels / 4), 512 * quarters)
  if (phases) {
    return {
      launches: [
        launch('transformImages', blocks * quarters, 256 * tiles),
        launch('transformGradients', blocks * 2 * panels, 256 * tiles),
        launch('multiply', planes, products / planes),
        store,
      ],
      scratchBytes: data + 2 * blocks * dataBytes,
      threadScratchBytes: dataOffset,
    }
  }
  const addUnits = Math.ceil((planes * sumPlane) / (16 * ADD_VECTORS))
  return {
    launches: [
      launch('accumulate', partialSums, products / partialSums),
      ...(partialSums === 1 ? [] : [launch('addPartials', addUnits, 4 * ADD_VECTORS * partialSums)]),
      store,
    ],
    scratchBytes: data,
    threadScratchBytes: dataOffset + 2 * dataBytes,
  }
}

interface Plan {
  readonly grid: { readonly tileRows: number; readonly tileColumns: number }
  readonly cut: TileBlocks
  /** Groups of four channels. */
  readonly quarters: number
  /** Groups of eight channels of the gradient. */
  readonly panels: number
  readonly planeStride: number
  readonly sumPlane: number
  readonly partialSums: number
  /** Whether all blocks are transformed first. */
  readonly phases: boolean
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
  const wanted = Math.min(fittingTiles(most), Math.max(FEWEST_TILES, Math.min(MOST_TILES, fitting)))
  const cut = cutTiles(images, tileRows, tileColumns, wanted)
  const sumPlane = oddLines(128 * quarters * image.parts.length * panels)
  const partialSums = Math.min(
    cut.blocks,
    ENOUGH_UNITS,
    Math.floor(PARTIAL_BYTES / (planes.count * sumPlane)),
  )
  const phases = partialSums < FEWEST_PARTIALS
  return {
    grid: { tileRows, tileColumns },
    cut,
    quarters,
    panels,
    planeStride: planeStrideFor(most, cut.tiles),
    sumPlane,
    partialSums: phases ? 1 : partialSums,
    phases,
  }
}
