import { sizeOf } from '../../../shape.ts'
import type { Target } from '../assembler/index.ts'
import { type Launch, type Lowering, type ModuleRecipe, scratchAddress, type Word } from '../launch.ts'
import { argumentBlock } from './arguments.ts'
import { cutBlocks, MOST_REPEATS } from './cut-blocks.ts'
import { denseStrides } from './epilogue.ts'
import { DEPTH_BLOCK, gemmModule, innerGemmModule } from './gemm.ts'
import { batchAxes, EDGE_BYTES, type GemmArgument, gemmArguments } from './gemm-arguments.ts'
import type { Matrix, Product } from './product.ts'
import { grainFor, wholeLines } from './sizing.ts'
import { cutRows, TILE_WIDTH, tileHeight, type Tiling } from './tiles.ts'

export type GemmWords = Readonly<Partial<Record<GemmArgument, Word | number>>>

/** Panels of columns that make a unit of a row times a matrix. */
const ROW_PANELS = 16

/**
 * A float32 product as launches; panels that several blocks read lie in the scratch from `scratchOffset` on.
 *
 * @param terms how many entries of the batch are summed to one result, whose batch strides are those of the
 *   sums; above 1 the batch has one axis at the most
 */
export function lowerProduct(
  product: Product,
  finish: GemmWords,
  target: Target,
  scratchOffset: number,
  terms = 1,
): Lowering {
  if (product.m === 1 && terms === 1 && isReadInPlace(product))
    return lowerRow(product, finish, scratchOffset)
  const tiling = cutRows(product.m, tileHeight(target))
  const reading = readOperands(product, tiling.tiles)
  const plan = planOf(product, terms, tiling, reading.packs)
  const left = packOperand('left', plan, reading.packs.left, scratchOffset, EDGE_BYTES)
  const right = packOperand('right', plan, reading.packs.right, left.end, left.threadEnd)
  const words = { ...plan.words, ...finish, ...reading.words, ...left.words, ...right.words }
  return {
    launches: [...left.launches, ...right.launches, launch('multiply', words, plan, reading.module)],
    scratchBytes: right.end,
    threadScratchBytes: right.threadEnd,
  }
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
export function multiplyPacked(packed: PackedProduct, target: Target): Launch {
  const { m, n, k, leftPanels, rightPanels, result } = packed
  const matrix = (address: Word): Matrix => ({ address, batch: [], row: n, column: 1 })
  const operands = { left: matrix(leftPanels), right: matrix(rightPanels), result: matrix(result) }
  const plan = planOf({ batch: [], m, n, k, ...operands }, 1, cutRows(m, tileHeight(target)))
  const accumulate = packed.accumulate ? 1 : 0
  return launch('multiply', { ...plan.words, ...leftPanelWords(k), ...rightPanelWords(k), accumulate }, plan)
}

function leftPanelWords(depth: number): GemmWords {
  return { leftInRows: 0, rowStep: 4 * depth, depthStep: 0 }
}

function rightPanelWords(depth: number): GemmWords {
  return { panelStep: 4 * TILE_WIDTH * depth, rightStep: 4 * TILE_WIDTH }
}

/**
 * Whether a row times this matrix needs no packing: its columns or its steps, and then those of the row, are
 * neighbours.
 */
function isReadInPlace({ left, right }: Product): boolean {
  return right.column === 1 || (right.row === 1 && left.column === 1)
}

/** The largest power of two that divides a stride: the larger it is, the fewer sets of a cache hold the steps. */
function alignment(stride: number): number {
  return stride & -stride
}

/**
 * Whether columns side by side are better read where they lie than packed: packing costs something once, and
 * steps so far apart that level 1, or at last level 2, cannot hold them cost something at every use. Measured,
 * as what follows.
 */
function isNearRight(stride: number, uses: number): boolean {
  const most = uses <= 20 ? 512 : uses <= 64 ? 256 : uses <= 128 ? 128 : 32
  return uses === 1 || (stride <= 1024 && alignment(stride) <= most)
}

/** Likewise rows side by side, of which a tile reads only a part of each cache line. */
function isNearLeft(stride: number, uses: number): boolean {
  const few = uses <= 32 && alignment(stride) <= 512
  return uses === 1 || few || (stride <= 128 && (uses <= 128 || alignment(stride) <= 32))
}

/**
 * Whether inner products of dense rows and dense columns are faster than tiles of packed columns. They need
 * no packing and no columns of zeros; but every sum must be gathered from four lanes, and with columns far
 * apart, level 1 holds fewer of them. All in multiply-adds, measured.
 */
function isBetterInner({ m, n, k, right }: Product): boolean {
  const saved = 3 * k * n + m * k * (TILE_WIDTH * panelsOf(n) - n)
  const gathering = (right.column > 256 ? 8 : 4) * m * n * Math.ceil(k / DEPTH_BLOCK)
  return gathering < saved
}

function isShared({ batch }: Matrix): boolean {
  return batch.every((stride) => stride === 0)
}

/** Which operands must be packed; others are read where they lie. */
interface Packs {
  readonly left: boolean
  readonly right: boolean
}

interface Reading {
  readonly module: ModuleRecipe
  readonly packs: Packs
  readonly words: GemmWords
}

function readOperands(product: Product, tiles: number): Reading {
  const { n, left, right } = product
  /** Uses of a panel, by all entries of a batch that share it. */
  const uses = (operand: Matrix, each: number): number =>
    isShared(operand) ? each * sizeOf(product.batch) : each
  const inRows = left.column === 1
  const inner = inRows && right.row === 1 && isBetterInner(product)
  return {
    module: inner ? innerGemmModule : gemmModule,
    packs: {
      // A distance of 0 would mean panels.
      left:
        !inRows && !(left.row === 1 && left.column !== 0 && isNearLeft(left.column, uses(left, panelsOf(n)))),
      right: !inner && !(right.column === 1 && isNearRight(right.row, uses(right, tiles))),
    },
    words: {
      leftInRows: inRows ? 1 : 0,
      rowStep: 4 * left.row,
      depthStep: 4 * left.column,
      panelStep: 4 * TILE_WIDTH * right.column,
      rightStep: 4 * (inner ? right.column : right.row),
    },
  }
}

/** How a product is cut into units. */
interface Plan {
  readonly product: Product
  readonly tiling: Tiling
  readonly sums: number
  readonly blocks: ReturnType<typeof cutBlocks>
  readonly units: number
  /** Multiply-adds of a unit. */
  readonly work: number
  readonly words: GemmWords
}

function planOf(
  product: Product,
  terms: number,
  tiling: Tiling,
  packs: Packs = { left: false, right: false },
): Plan {
  const { batch, m, n, k } = product
  const { tiles, height, tall } = tiling
  const [panels, entries] = [panelsOf(n), sizeOf(batch)]
  const sums = Math.ceil(entries / terms)
  const blocks = cutBlocks({ tiles, panels, sums, work: entries * m * n * k, packs })
  const units = sums * blocks.rowBlocks * blocks.columnBlocks
  const words = { ...sizeWords(product), ...blocks, entries, terms, sums, height, tall, tiles, panels }
  return { product, tiling, sums, blocks, units, work: (entries * m * n * k) / units, words }
}

function panelsOf(columns: number): number {
  return Math.ceil(columns / TILE_WIDTH)
}

/** An operand as tiles read it, and where memory is free after its panels. */
interface Operand {
  readonly launches: readonly Launch[]
  readonly words: GemmWords
  readonly end: number
  readonly threadEnd: number
}

/** Panels are packed by each block that reads them, or, for many blocks, by a launch of its own. */
function packOperand(
  name: 'left' | 'right',
  { product, tiling, sums, blocks, words }: Plan,
  needed: boolean,
  end: number,
  threadEnd: number,
): Operand {
  if (!needed) return { launches: [], words: {}, end, threadEnd }
  const isLeft = name === 'left'
  const { batch, n, k } = product
  const shared = isShared(product[name])
  const repeats = (isLeft ? blocks.columnBlocks : blocks.rowBlocks) * (shared ? sums : 1)
  const steps = Number(words.depthBlock)
  if (repeats <= MOST_REPEATS) {
    const width = isLeft ? blocks.tilesPerBlock * tiling.height : TILE_WIDTH
    const inBlock = isLeft
      ? { leftScratch: threadEnd, leftInRows: 0, depthStep: 0 }
      : { rightScratch: threadEnd, rightStep: 4 * TILE_WIDTH }
    return { launches: [], words: inBlock, end, threadEnd: threadEnd + wholeLines(4 * width * steps) }
  }
  const [panels, width] = isLeft ? [tiling.tiles, tiling.height] : [panelsOf(n), TILE_WIDTH]
  const bytes = wholeLines(4 * k * panels * width)
  const strides = denseStrides(batch).map((stride) => (shared ? 0 : (stride * bytes) / 4))
  const address = scratchAddress(end)
  const packing = { ...words, result: address, ...batchWords('result', strides) }
  const matrices = shared ? 1 : sizeOf(batch)
  // Packing an element costs about as much as eight multiply-adds.
  const pack = { units: matrices * panels, work: 8 * k * width }
  const panelWords = isLeft ? leftPanelWords(k) : rightPanelWords(k)
  return {
    launches: [launch(isLeft ? 'packLeft' : 'packRight', packing, pack)],
    words: { ...panelWords, [name]: address, ...batchWords(name, strides) },
    end: end + matrices * bytes,
    threadEnd,
  }
}

function lowerRow(product: Product, finish: GemmWords, scratchOffset: number): Lowering {
  const columnBlocks = Math.ceil(panelsOf(product.n) / ROW_PANELS)
  const words = { ...sizeWords(product), ...finish, panelsPerBlock: ROW_PANELS, columnBlocks }
  // Memory sets the pace: an element costs about as much as eight multiply-adds.
  const work = 8 * product.k * ROW_PANELS * TILE_WIDTH
  const units = sizeOf(product.batch) * columnBlocks
  const launches = [launch('multiplyRow', words, { units, work })]
  return { launches, scratchBytes: scratchOffset, threadScratchBytes: 0 }
}

function launch(
  entry: string,
  words: GemmWords,
  { units, work }: { readonly units: number; readonly work: number },
  module: ModuleRecipe = gemmModule,
): Launch {
  const all = Object.fromEntries(gemmArguments.map((name) => [name, words[name] ?? 0])) as Record<
    GemmArgument,
    Word | number
  >
  return { module, entry, args: argumentBlock(gemmArguments, all), units, grain: grainFor(work) }
}

function sizeWords({ batch, n, k, left, right, result }: Product): GemmWords {
  return {
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
    ...Object.fromEntries(batchAxes.map((axis) => [`batchSize${axis}`, batch[axis] ?? 1])),
    ...batchWords('left', left.batch),
    ...batchWords('right', right.batch),
    ...batchWords('result', result.batch),
  }
}

function batchWords(operand: 'left' | 'right' | 'result', strides: readonly number[]): GemmWords {
  return Object.fromEntries(batchAxes.map((axis) => [`${operand}Batch${axis}`, 4 * (strides[axis] ?? 0)]))
}
