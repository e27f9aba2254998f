import type { MatmulKernel } from '../../../schedule/kernels.ts'
import type { Target } from '../assembler/index.ts'
import { type Launch, type Lowering, type ModuleRecipe, scratchAddress, type Word } from '../launch.ts'
import { argumentBlock } from './arguments.ts'
import { addressOf, denseStrides, isBareEpilogue, type LowerEpilogue } from './epilogue.ts'
import { finishWords } from './finish.ts'
import { DEPTH_BLOCK, gemmModule, innerGemmModule } from './gemm.ts'
import { EDGE_BYTES, type GemmArgument, gemmArguments, MAXIMUM_BATCH_AXES } from './gemm-arguments.ts'
import { type Matrix, type Product, productOf, splitBatch } from './product.ts'
import { ENOUGH_UNITS, grainFor, wholeLines } from './sizing.ts'
import { cutRows, TILE_WIDTH, tileHeight, type Tiling } from './tiles.ts'
import { sizeOf } from '../../../shape.ts'

/** A batch of matrix products with its epilogue, as launches. Operands are float32. */
export function lowerMatmul(kernel: MatmulKernel, target: Target, lowerEpilogue: LowerEpilogue): Lowering {
  const { batch, m, n, epilogue, store } = kernel
  const shape = [...batch, m, n]
  const elements = sizeOf(shape)
  if (elements === 0) return { launches: [], scratchBytes: 0, threadScratchBytes: 0 }
  const dtype = 'float32'
  // The result goes where it is to stay if its elements have four bytes and one of its axes is contiguous.
  const stored = productOf(kernel, addressOf(store), store.strides)
  const inPlace = store.dtype === dtype && stored.result.column === 1
  const resultBytes = inPlace ? 0 : wholeLines(4 * elements)
  const address = inPlace ? addressOf(store) : scratchAddress(0)
  const strides = inPlace ? store.strides : denseStrides(shape)
  // A bias along the rows would have to follow them through the folding of batches; one along the columns
  // need not.
  const finish =
    inPlace && strides.at(-1) === 1
      ? finishWords(epilogue, { row: undefined, column: shape.length - 1, shape, store })
      : undefined
  const product = inPlace ? stored : productOf(kernel, address, strides)
  const parts = splitBatch(product, MAXIMUM_BATCH_AXES).map((part) =>
    lowerProduct(part, finish ?? {}, target, resultBytes),
  )
  const done = finish !== undefined || (inPlace && isBareEpilogue(epilogue, store, dtype))
  const last = done
    ? []
    : lowerEpilogue({ shape, body: epilogue, store, accumulator: { dtype, address, strides } })
  return {
    launches: [...parts.flatMap(({ launches }) => launches), ...last],
    scratchBytes: Math.max(resultBytes, ...parts.map(({ scratchBytes }) => scratchBytes)),
    threadScratchBytes: Math.max(...parts.map(({ threadScratchBytes }) => threadScratchBytes)),
  }
}

/** Packed operands of a product up to this size fit a thread's scratch, and level 2 with room to spare. */
const SMALL_BYTES = 128 * 1024
/** A product of up to this many multiply-adds is not worth a barrier. */
const SMALL_WORK = 1 << 18
/** What one costs, about 2 µs, in multiply-adds. */
const BARRIER_WORK = 1 << 16

/** Panels of columns that make a unit of a row times a matrix. */
const ROW_PANELS = 16

/**
 * Whether a row times this matrix needs no packing: its columns or its steps, and then those of the row, are
 * neighbours.
 */
function isReadInPlace({ left, right }: Product): boolean {
  return right.column === 1 || (right.row === 1 && left.column === 1)
}

/** A product of packed operands, all of whose panels lie in memory. */
export interface PackedProduct {
  readonly m: number
  readonly n: number
  readonly k: number
  /** `[k][height]` for each tile of rows. */
  readonly leftPanels: Word
  /** `[k][8]` for each eight columns. */
  readonly rightPanels: Word
  /** `[m][n]` */
  readonly result: Word
  /** Whether the product is added to the result. */
  readonly accumulate: boolean
}

/** `threadScratchBytes` of this launch are `EDGE_BYTES`. */
export function multiplyPacked(product: PackedProduct, target: Target): Launch {
  const { m, n, k, leftPanels, rightPanels, result } = product
  const matrix = (address: Word): Matrix => ({ address, batch: [], row: n, column: 1 })
  const tiling = cutRows(m, tileHeight(target))
  const panels = Math.ceil(n / TILE_WIDTH)
  const operands = { left: matrix(leftPanels), right: matrix(rightPanels), result: matrix(result) }
  const blocks = cutBlocks(tiling.tiles, panels, 1)
  const words = {
    ...sizeArguments({ batch: [], m, n, k, ...operands }),
    ...tileArguments(tiling, panels),
    ...blockArguments(blocks),
    leftPanels,
    rightPanels,
    leftPacked: 1,
    rightPacked: 1,
    rowStep: 4 * k,
    panelStep: 4 * TILE_WIDTH * k,
    rightStep: 4 * TILE_WIDTH,
    accumulate: product.accumulate ? 1 : 0,
  }
  return launch('multiply', words, blocks.rowBlocks * blocks.columnBlocks, blockWork(blocks, tiling, k))
}

/** A float32 product; panels lie in the scratch from `scratchOffset` on. */
function lowerProduct(product: Product, finish: GemmWords, target: Target, scratchOffset: number): Lowering {
  const { m, n, k } = product
  const count = product.batch.reduce((total, size) => total * size, 1)
  const tiling = cutRows(m, tileHeight(target))
  const panels = Math.ceil(n / TILE_WIDTH)
  const operands = readOperands(product, tiling.tiles, panels)
  const sizes: Sizes = {
    product,
    count,
    tiling,
    panels,
    ...operands,
    words: {
      ...sizeArguments(product),
      ...operands.words,
      ...finish,
      ...tileArguments(tiling, panels),
    },
  }
  if (m === 1 && isReadInPlace(product)) return lowerRow(sizes)
  const fits = wholeLines(4 * m * k) + 4 * TILE_WIDTH * panels * k <= SMALL_BYTES
  return fits && (count > 3 || m * n * k <= SMALL_WORK) ? lowerSmall(sizes) : lowerLarge(sizes, scratchOffset)
}

/**
 * Whether an operand, dense across the steps, is better read where it lies: the further its steps are apart
 * (often by a power of two), the fewer of its lines does level 1 hold, which costs something at every use;
 * packing costs something once. Measured.
 */
function isNear(stride: number, uses: number): boolean {
  return uses === 1 || stride <= (uses <= 64 ? 256 : 128)
}

/**
 * Whether inner products of dense rows and dense columns are faster than tiles of packed columns. They need
 * no packing, no barrier after it, and no columns of zeros; but every sum must be gathered from four lanes,
 * and with columns far apart, level 1 holds fewer of them. All in multiply-adds, measured.
 */
function isBetterInner({ m, n, k, right }: Product, panels: number): boolean {
  const saved = 3 * k * n + m * k * (TILE_WIDTH * panels - n) + (m * n * k > SMALL_WORK ? BARRIER_WORK : 0)
  const gathering = (right.column > 256 ? 8 : 4) * m * n * Math.ceil(k / DEPTH_BLOCK)
  return gathering < saved
}

/** How tiles read the operands: where they lie, or from panels, and of how many bytes. */
function readOperands(
  product: Product,
  tiles: number,
  panels: number,
): Pick<Sizes, 'module' | 'leftBytes' | 'rightBytes' | 'words'> {
  const { m, k, left, right } = product
  const inRows = left.column === 1
  const inner = inRows && right.row === 1 && isBetterInner(product, panels)
  const leftPacked = !inRows && !(left.row === 1 && isNear(left.column, panels))
  const rightPacked = !inner && !(right.column === 1 && isNear(right.row, tiles))
  return {
    module: inner ? innerGemmModule : gemmModule,
    leftBytes: leftPacked ? wholeLines(4 * m * k) : 0,
    rightBytes: rightPacked ? 4 * TILE_WIDTH * panels * k : 0,
    words: {
      leftPacked: leftPacked ? 1 : 0,
      rightPacked: rightPacked ? 1 : 0,
      leftInRows: inRows ? 1 : 0,
      rowStep: leftPacked ? 4 * k : 4 * left.row,
      depthStep: 4 * left.column,
      panelStep: 4 * TILE_WIDTH * (rightPacked ? k : right.column),
      rightStep: inner ? 4 * right.column : rightPacked ? 4 * TILE_WIDTH : 4 * right.row,
    },
  }
}

interface Sizes {
  readonly module: ModuleRecipe
  readonly product: Product
  /** Batch entries. */
  readonly count: number
  readonly tiling: Tiling
  readonly panels: number
  /** Bytes of the panels of one matrix, 0 if it is read where it lies. */
  readonly leftBytes: number
  readonly rightBytes: number
  readonly words: GemmWords
}

function lowerRow({ product, count, panels, words }: Sizes): Lowering {
  const columnBlocks = Math.ceil(panels / ROW_PANELS)
  const args = { ...words, panelsPerBlock: ROW_PANELS, columnBlocks }
  // Memory sets the pace: an element costs about as much as eight multiply-adds.
  const work = 8 * product.k * ROW_PANELS * TILE_WIDTH
  return {
    launches: [launch('multiplyRow', args, count * columnBlocks, work)],
    scratchBytes: 0,
    threadScratchBytes: 0,
  }
}

function lowerSmall({ module, product: { m, n, k }, count, leftBytes, rightBytes, words }: Sizes): Lowering {
  const args = { ...words, leftPanels: EDGE_BYTES, rightPanels: EDGE_BYTES + leftBytes }
  return {
    launches: [launch('multiplySmall', args, count, m * n * k, module)],
    scratchBytes: 0,
    threadScratchBytes: EDGE_BYTES + leftBytes + rightBytes,
  }
}

function lowerLarge(sizes: Sizes, scratchOffset: number): Lowering {
  const { module, product, count, tiling, panels, leftBytes, rightBytes } = sizes
  const entries = ({ batch }: Matrix): number => (batch.every((stride) => stride === 0) ? 1 : count)
  const [leftCount, rightCount] = [entries(product.left), entries(product.right)]
  const blocks = cutBlocks(tiling.tiles, panels, count)
  const rightPanels = scratchOffset + leftCount * leftBytes
  const args = {
    ...sizes.words,
    leftPanels: scratchAddress(scratchOffset),
    rightPanels: scratchAddress(rightPanels),
    leftPerBatch: leftCount > 1 ? leftBytes : 0,
    rightPerBatch: rightCount > 1 ? rightBytes : 0,
    ...blockArguments(blocks),
  }
  // Packing an element costs about as much as eight multiply-adds.
  const packing = 8 * product.k
  const work = blockWork(blocks, tiling, product.k)
  return {
    launches: [
      launch('packLeft', args, leftBytes && leftCount * tiling.tiles, packing * tiling.height),
      launch('packRight', args, rightBytes && rightCount * panels, packing * TILE_WIDTH),
      launch('multiply', args, count * blocks.rowBlocks * blocks.columnBlocks, work, module),
    ],
    scratchBytes: rightPanels + rightCount * rightBytes,
    threadScratchBytes: EDGE_BYTES,
  }
}

type GemmWords = Readonly<Partial<Record<GemmArgument, Word | number>>>

function launch(
  entry: string,
  words: GemmWords,
  units: number,
  workPerUnit: number,
  module: ModuleRecipe = gemmModule,
): Launch {
  const all = Object.fromEntries(gemmArguments.map((name) => [name, words[name] ?? 0])) as Record<
    GemmArgument,
    Word | number
  >
  const grain = grainFor(workPerUnit)
  return { module, entry, args: argumentBlock(gemmArguments, all), units, grain }
}

function sizeArguments({ batch, n, k, left, right, result }: Product): GemmWords {
  const words: Partial<Record<GemmArgument, Word | number>> = {
    left: left.address,
    right: right.address,
    result: result.address,
    depth: k,
    // Blocks of equal size: 300 steps are 150 + 150, not 256 + 44.
    depthBlock: Math.ceil(k / Math.max(1, Math.ceil(k / DEPTH_BLOCK))),
    columns: n,
    leftRow: 4 * left.row,
    leftDepth: 4 * left.column,
    rightDepth: 4 * right.row,
    rightColumn: 4 * right.column,
    resultRow: 4 * result.row,
  }
  for (const axis of [0, 1, 2, 3] as const) {
    words[`batchSize${axis}`] = batch[axis] ?? 1
    words[`leftBatch${axis}`] = 4 * (left.batch[axis] ?? 0)
    words[`rightBatch${axis}`] = 4 * (right.batch[axis] ?? 0)
    words[`resultBatch${axis}`] = 4 * (result.batch[axis] ?? 0)
  }
  return words
}

function tileArguments({ height, tall, tiles }: Tiling, panels: number): GemmWords {
  return { height, tall, tiles, panels }
}

interface Blocks {
  readonly tiles: number
  readonly panels: number
  readonly rowBlocks: number
  readonly columnBlocks: number
}

function blockArguments({ tiles, panels, rowBlocks, columnBlocks }: Blocks): GemmWords {
  return { tilesPerBlock: tiles, panelsPerBlock: panels, rowBlocks, columnBlocks }
}

function blockWork({ tiles, panels }: Blocks, { height }: Tiling, depth: number): number {
  return tiles * height * panels * TILE_WIDTH * depth
}

/**
 * How many tiles and panels make a block: as large as the caches like, smaller if there were too few blocks.
 */
function cutBlocks(tiles: number, panels: number, count: number): Blocks {
  let rows = Math.min(16, tiles)
  let columns = Math.min(32, panels)
  const units = (): number => count * Math.ceil(tiles / rows) * Math.ceil(panels / columns)
  while (units() < ENOUGH_UNITS && (rows > 4 || columns > 4)) {
    if (rows > columns) rows = Math.ceil(rows / 2)
    else columns = Math.ceil(columns / 2)
  }
  return {
    tiles: rows,
    panels: columns,
    rowBlocks: Math.ceil(tiles / rows),
    columnBlocks: Math.ceil(panels / columns),
  }
}
