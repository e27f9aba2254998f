import {
  call, type Code, f32, forRange, type FunctionHandle, i32, increase, local, type Local, type ModuleBuilder, select, type Target, when,
} from '../assembler/index.ts'
import { int, type Launch, type Lowering, type ModuleRecipe, scratchAddress, type Word } from '../launch.ts'
import { argumentBlock, readArguments } from './arguments.ts'
import { type FinishArgument, finishArguments, writeFinish } from './finish.ts'
import { type ByHeight, forHeights, writeTapTile } from './micro-kernel.ts'
import { heightOf, rowOffset, writeRowPacker } from './pack.ts'
import { columnRuns, IMAGE_SLACK, imageArguments, type ImageLayout, imageSize, imageWords, writeCopyImage, writeTaps } from './padded-image.ts'
import { cutRows, tileHeight } from './tiles.ts'

/**
 * Convolution straight from a padded copy of the image: a matrix product of the weights `[channels of the result, depth]` and
 * of the image's patches `[depth, pixels]`, whose right operand is never written out. Step k of a tile loads its eight pixels
 * from the copy at the offset of (channel, tap) k, found in a table.
 *
 * - A tile is up to 6 channels × two groups of four neighbouring pixels, anywhere in the image. Rows whose width is no
 *   multiple of four end in a group that overlaps the one before and computes the same values again.
 * - A unit of work is a block of rows of one image and one group of channels: its part of the image is copied into the
 *   thread's scratch, small enough to stay in level 2, while the weights of one tile stay in level 1.
 * - First, one launch packs the weights into panels and one writes the tables.
 */
export interface DirectConvolution {
  readonly images: number
  readonly groups: number
  readonly image: ImageLayout
  /** Channels of the result in one group. */
  readonly resultChannels: number
  readonly source: Word
  readonly result: Word
  readonly finish: Readonly<Record<FinishArgument, Word>>
  /** Strides in elements; a row is what makes one channel of the result: `channels` runs of `taps`. */
  readonly weights: {
    readonly address: Word
    readonly group: number
    readonly row: number
    readonly channels: number
    readonly channel: number
    readonly taps: number
    readonly tap: number
  }
}

const directModule: ModuleRecipe = { key: 'contract/direct', write: writeDirect }

/** Strides in bytes. */
const names = [
  ...imageArguments, ...finishArguments,
  'source', 'result', 'weights', 'panels', 'taps', 'pixels', 'groups', 'resultChannels', 'resultHeight', 'resultWidth', 'depth',
  'height', 'tall', 'tiles', 'weightGroup', 'weightRow', 'weightChannels', 'weightChannel', 'weightTaps', 'weightTap',
  'rowsPerBlock', 'rowBlocks', 'tilesPerPart', 'parts', 'sourceGroup', 'imageOffset',
] as const

/** Bytes at the start of a thread's scratch that hold a tile narrower than a vector. */
const EDGE_BYTES = 256
/** Largest copy of an image's part. */
const COPY_BYTES = 192 * 1024
const ENOUGH_UNITS = 16
/** Multiply-adds that make a chunk worth being handed out. */
const CHUNK_WORK = 1 << 17

/** Panels and tables lie in the scratch from `scratchOffset` on. */
export function lowerDirect(convolution: DirectConvolution, target: Target, scratchOffset: number): Lowering {
  const { images, groups, image, resultChannels, weights } = convolution
  const depth = image.channels * image.kernelHeight * image.kernelWidth
  const tiling = cutRows(resultChannels, tileHeight(target))
  const { rows, rowBlocks, parts } = cutUnits(convolution, tiling.tiles)
  const size = imageSize(image, rows)
  const groupsPerRow = Math.ceil(image.resultWidth / 4)
  const taps = scratchOffset + roundUp(4 * groups * resultChannels * depth)
  const pixels = taps + roundUp(4 * depth)
  const args = [...argumentBlock(names, {
    ...imageWords(image, size), ...convolution.finish,
    source: convolution.source, result: convolution.result, weights: weights.address,
    panels: scratchAddress(scratchOffset), taps: scratchAddress(taps), pixels: scratchAddress(pixels),
    groups: int(groups), resultChannels: int(resultChannels), resultHeight: int(image.resultHeight),
    resultWidth: int(image.resultWidth), depth: int(depth),
    height: int(tiling.height), tall: int(tiling.tall), tiles: int(tiling.tiles),
    weightGroup: int(4 * weights.group), weightRow: int(4 * weights.row), weightChannels: int(weights.channels),
    weightChannel: int(4 * weights.channel), weightTaps: int(weights.taps), weightTap: int(4 * weights.tap),
    rowsPerBlock: int(rows), rowBlocks: int(rowBlocks), tilesPerPart: int(Math.ceil(tiling.tiles / parts)), parts: int(parts),
    sourceGroup: int(4 * image.channels * image.sourceHeight * image.sourceWidth), imageOffset: int(EDGE_BYTES),
  }), ...columnRuns(image, size)]
  const launch = (entry: string, units: number, workPerUnit: number): Launch => ({
    module: directModule, entry, args, units, grain: Math.max(1, Math.ceil(CHUNK_WORK / Math.max(1, workPerUnit))),
  })
  const work = resultChannels * depth * rows * image.resultWidth / parts
  return {
    launches: [
      launch('tables', 1, 0),
      launch('packWeights', groups * tiling.tiles, 8 * tiling.height * depth),
      launch('convolve', images * groups * rowBlocks * parts, work),
    ],
    scratchBytes: pixels + 8 * groupsPerRow * rows,
    threadScratchBytes: EDGE_BYTES + size.bytes + IMAGE_SLACK,
  }
}

/** Rows to a block, and into how many parts the channels of the result are cut where blocks alone are too few units. */
function cutUnits({ images, groups, image }: DirectConvolution, tiles: number): {
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

function writeDirect(builder: ModuleBuilder): void {
  const copyImage = writeCopyImage(builder, names)
  const writeTapTable = writeTaps(builder, names)
  const packers = forHeights(tileHeight(builder.target), (height) => writeRowPacker(builder, height))
  const tiles = forHeights(tileHeight(builder.target), (height) => writeTapTile(builder, height))
  const [storeNarrow, finish] = [writeStoreNarrow(builder), writeFinish(builder, names)]
  writeTables(builder, writeTapTable)
  writePackWeights(builder, packers)
  writeConvolve(builder, copyImage, writeConvolveTiles(builder, tiles, storeNarrow, finish))
}

/** One unit: the offsets of the taps, and for each group of pixels its offsets in the copy and in the result. */
function writeTables(builder: ModuleBuilder, writeTapTable: FunctionHandle): void {
  builder.func({ name: 'tables', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, block) => {
    const { code, words } = readArguments(locals, block, names)
    const [row, column, first, table] = [locals.i32(), locals.i32(), locals.i32(), locals.i32()]
    const offset = (pitch: Local): Code => i32.shl(i32.add(i32.mul(row, pitch), first), 2)
    const lastStart = i32.sub(words.resultWidth, 4)
    return [
      code,
      call(writeTapTable, block, words.taps),
      local.set(table, words.pixels),
      forRange(row, 0, words.rowsPerBlock, 1, forRange(column, 0, words.resultWidth, 4, [
        local.set(first, select(column, lastStart, i32.lt_s(column, lastStart))),
        local.set(first, select(first, 0, i32.gt_s(first, 0))),
        i32.store(table, offset(words.pitch)),
        i32.store(table, offset(words.resultWidth), 4),
        increase(table, 8),
      ])),
    ]
  })
}

/** A unit is the panel of one tile of one group. */
function writePackWeights(builder: ModuleBuilder, packers: ByHeight): void {
  builder.func({ name: 'packWeights', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, block, begin, end) => {
    const { code, words } = readArguments(locals, block, names)
    const [unit, tile, group, row, rows, channel, from, to] =
      locals.many('i32', 8) as [Local, Local, Local, Local, Local, Local, Local, Local]
    return [code, forRange(unit, begin, end, 1, [
      local.set(tile, i32.rem_u(unit, words.tiles)),
      local.set(group, i32.div_u(unit, words.tiles)),
      local.set(row, rowOffset(tile, words.height, words.tall)),
      local.set(rows, heightOf(tile, words.height, words.tall)),
      local.set(from, i32.add(words.weights, i32.add(i32.mul(group, words.weightGroup), i32.mul(row, words.weightRow)))),
      local.set(to, panelAddress(words, group, row)),
      forRange(channel, 0, words.weightChannels, 1, [
        packers(rows, (packer) => call(packer, from, to, words.weightRow, words.weightTap, words.weightTaps)),
        increase(from, words.weightChannel),
        increase(to, i32.shl(i32.mul(words.weightTaps, rows), 2)),
      ]),
    ])]
  })
}

function panelAddress(words: Readonly<Record<(typeof names)[number], Local>>, group: Local, row: Local): Code {
  return i32.add(words.panels, i32.shl(i32.mul(i32.add(i32.mul(group, words.resultChannels), row), words.depth), 2))
}

/** Parts of a block of rows fastest, then blocks, then groups, then images. */
function writeConvolve(builder: ModuleBuilder, copyImage: FunctionHandle, convolveTiles: FunctionHandle): void {
  builder.func({ name: 'convolve', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, block, begin, end, scratch) => {
    const { code, words } = readArguments(locals, block, names)
    const [unit, part, row, plane, copy, tile, tile1] = locals.many('i32', 7) as [Local, Local, Local, Local, Local, Local, Local]
    return [code, local.set(copy, i32.add(scratch, words.imageOffset)), forRange(unit, begin, end, 1, [
      local.set(part, i32.rem_u(unit, words.parts)),
      local.set(plane, i32.div_u(unit, words.parts)),
      local.set(row, i32.mul(i32.rem_u(plane, words.rowBlocks), words.rowsPerBlock)),
      local.set(plane, i32.div_u(plane, words.rowBlocks)),
      local.set(tile, i32.mul(part, words.tilesPerPart)),
      local.set(tile1, i32.add(tile, words.tilesPerPart)),
      call(copyImage, block, i32.add(words.source, i32.mul(plane, words.sourceGroup)), copy, row),
      call(convolveTiles, block, copy, plane, row, tile, select(tile1, words.tiles, i32.lt_u(tile1, words.tiles)), scratch),
    ])]
  })
}

/** `(arguments, copy, image · groups + group, first row, first tile, end, edge)`: some channels of a block of rows. */
// oxlint-disable-next-line max-lines-per-function -- the loops around the tile, to be read at one sight
function writeConvolveTiles(
  builder: ModuleBuilder, tiles: ByHeight, storeNarrow: FunctionHandle, finish: FunctionHandle,
): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params }, (locals, block, copy, plane, row0, tile0, tile1, edge) => {
    const { code, words } = readArguments(locals, block, names)
    const { resultWidth, resultHeight, taps, depth } = words
    const [tile, first, rows, panel, stride, end] = locals.many('i32', 6) as [Local, Local, Local, Local, Local, Local]
    const [at, second, c, channel, pixels] = locals.many('i32', 5) as [Local, Local, Local, Local, Local]
    const place = (entry: Local, offset: number): Code => i32.load(entry, offset)
    const wide = tiles(rows, (micro) => call(
      micro, panel, taps, i32.add(copy, place(at, 0)), i32.add(copy, place(second, 0)),
      i32.add(c, place(at, 4)), i32.add(c, place(second, 4)), stride, depth,
    ))
    const narrow = [
      tiles(rows, (micro) => call(
        micro, panel, taps, i32.add(copy, place(at, 0)), i32.add(copy, place(second, 0)), edge, i32.add(edge, 16), 32, depth,
      )),
      call(storeNarrow, edge, i32.add(c, place(at, 4)), stride, rows, resultWidth),
      call(storeNarrow, i32.add(edge, 16), i32.add(c, place(second, 4)), stride, rows, resultWidth),
    ]
    return [
      code,
      local.set(stride, i32.shl(i32.mul(resultHeight, resultWidth), 2)),
      // The table holds a full block of rows; the last block may have fewer.
      local.set(end, i32.sub(resultHeight, row0)),
      local.set(end, select(end, words.rowsPerBlock, i32.lt_u(end, words.rowsPerBlock))),
      local.set(pixels, i32.mul(end, resultWidth)),
      local.set(end, i32.mul(end, i32.shr_u(i32.add(resultWidth, 3), 2))),
      local.set(end, i32.add(words.pixels, i32.shl(end, 3))),
      forRange(tile, tile0, tile1, 1, [
        local.set(first, rowOffset(tile, words.height, words.tall)),
        local.set(rows, heightOf(tile, words.height, words.tall)),
        local.set(c, i32.add(i32.mul(plane, words.resultChannels), first)),
        local.set(c, i32.add(words.result, i32.add(i32.mul(c, stride), i32.shl(i32.mul(row0, resultWidth), 2)))),
        local.set(panel, i32.rem_u(plane, words.groups)),
        local.set(channel, i32.add(i32.mul(panel, words.resultChannels), first)),
        local.set(panel, panelAddress(words, panel, first)),
        forRange(at, words.pixels, end, 16, [
          // An odd group at the end is its own companion.
          local.set(second, i32.add(at, 8)),
          local.set(second, select(second, at, i32.lt_u(second, end))),
          when(i32.ge_u(resultWidth, 4), wide, narrow),
        ]),
        when(words.finish, call(finish, block, c, stride, channel, rows, 0, pixels)),
      ]),
    ]
  })
}

/** `(edge, c, row stride of c, rows, columns)`: the first columns of one half of a tile. */
function writeStoreNarrow(builder: ModuleBuilder): FunctionHandle {
  return builder.func({ params: ['i32', 'i32', 'i32', 'i32', 'i32'] }, (locals, edge, c, stride, rows, columns) => {
    const [row, column, shift] = [locals.i32(), locals.i32(), locals.i32()]
    return forRange(row, 0, rows, 1, [
      forRange(column, 0, columns, 1, [
        local.set(shift, i32.shl(column, 2)),
        f32.store(i32.add(c, shift), f32.load(i32.add(edge, shift))),
      ]),
      increase(edge, 32),
      increase(c, stride),
    ])
  })
}

function roundUp(bytes: number): number {
  return 64 * Math.ceil(bytes / 64)
}
