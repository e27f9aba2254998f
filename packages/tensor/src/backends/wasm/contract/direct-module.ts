import {
  call,
  type Code,
  f32,
  forRange,
  type FunctionHandle,
  i32,
  increase,
  least,
  local,
  type Local,
  memory,
  type ModuleBuilder,
  select,
  when,
} from '../assembler/index.ts'
import type { ModuleRecipe } from '../launch.ts'
import { readArguments } from './arguments.ts'
import { finishArguments, writeFinish } from './finish.ts'
import { type ByHeight, forHeights, writeTapTile } from './micro-kernel.ts'
import { heightOf, rowOffset } from './pack.ts'
import { writeDenseRowPacker } from './pack-weights.ts'
import { imageArguments, writeCopyImage, writeTaps } from './padded-image.ts'
import { TILE_GROUPS, writePixelTile, writeRowTiles } from './pixel-tile.ts'
import { tileHeight } from './tiles.ts'

/** The code for `direct.ts`, where the plan is told. */
export const directModule: ModuleRecipe = { key: 'contract/direct', write: writeDirect }

/** Strides in bytes. */
export const directArguments = [
  ...imageArguments,
  ...finishArguments,
  'source',
  'result',
  'weights',
  'panels',
  'taps',
  'pixels',
  'groups',
  'resultChannels',
  'resultHeight',
  'resultWidth',
  'depth',
  'height',
  'tall',
  'tiles',
  'weightGroup',
  'weightRow',
  'weightChannels',
  'weightChannel',
  'weightLines',
  'weightLine',
  'weightTaps',
  'weightTap',
  'rowsPerBlock',
  'rowBlocks',
  'tilesPerPart',
  'parts',
  'sourceGroup',
  'imageOffset',
  'copies',
  'copyBytes',
  'channelBytes',
  'channelsPerCopy',
  'rowGroups',
] as const
type Words = Readonly<Record<(typeof directArguments)[number], Local>>
const names = directArguments

/** Bytes at the start of a thread's scratch that hold a tile narrower than a vector. */
export const EDGE_BYTES = 256

function writeDirect(builder: ModuleBuilder): void {
  const copyImage = writeCopyImage(builder, names)
  const writeTapTable = writeTaps(builder, names)
  const packers = forHeights(tileHeight(builder.target), (height) => writeDenseRowPacker(builder, height))
  const tiles = forHeights(tileHeight(builder.target), (height) => writeTapTile(builder, height))
  const [storeNarrow, finish] = [writeStoreNarrow(builder), writeFinish(builder, names)]
  writeTables(builder, writeTapTable)
  writePackWeights(builder, packers)
  writeCopyBlocks(builder, copyImage)
  writeConvolve(builder, copyImage, writeConvolveTiles(builder, tiles, storeNarrow, finish))
}

/**
 * One unit: the offsets of the taps, and for each group of pixels its offsets in the copy and in the result.
 */
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
      forRange(
        row,
        0,
        words.rowsPerBlock,
        1,
        forRange(column, 0, words.resultWidth, 4, [
          local.set(first, select(column, lastStart, i32.lt_s(column, lastStart))),
          local.set(first, select(first, 0, i32.gt_s(first, 0))),
          i32.store(table, offset(words.pitch)),
          i32.store(table, offset(words.resultWidth), 4),
          increase(table, 8),
        ]),
      ),
    ]
  })
}

/** A unit is the panel of one tile of one group. */
function writePackWeights(builder: ModuleBuilder, packers: ByHeight): void {
  builder.func({ name: 'packWeights', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, block, begin, end) => {
    const { code, words } = readArguments(locals, block, names)
    const [unit, tile, group, row, rows, channel, from, to, line, at] = locals.many('i32', 10)
    return [
      code,
      forRange(unit, begin, end, 1, [
        local.set(tile, i32.rem_u(unit, words.tiles)),
        local.set(group, i32.div_u(unit, words.tiles)),
        local.set(row, rowOffset(tile, words.height, words.tall)),
        local.set(rows, heightOf(tile, words.height, words.tall)),
        local.set(
          from,
          i32.add(words.weights, i32.add(i32.mul(group, words.weightGroup), i32.mul(row, words.weightRow))),
        ),
        local.set(to, panelAddress(words, group, row)),
        packers(rows, (packer) =>
          forRange(channel, 0, words.weightChannels, 1, [
            local.set(at, from),
            forRange(line, 0, words.weightLines, 1, [
              local.set(to, call(packer, at, to, words.weightRow, words.weightTap, words.weightTaps)),
              increase(at, words.weightLine),
            ]),
            increase(from, words.weightChannel),
          ]),
        ),
      ]),
    ]
  })
}

function panelAddress(words: Words, group: Local, row: Local): Code {
  return i32.add(
    words.panels,
    i32.shl(i32.mul(i32.add(i32.mul(group, words.resultChannels), row), words.depth), 2),
  )
}

/** Where the block of rows `index` of all images and groups begins. */
function blockPlace(words: Words, index: Local, plane: Local, row: Local): Code {
  return [
    local.set(row, i32.mul(i32.rem_u(index, words.rowBlocks), words.rowsPerBlock)),
    local.set(plane, i32.div_u(index, words.rowBlocks)),
  ]
}

/** A unit is some channels (fastest) of the copy for a block of rows that several units of `convolve` read. */
function writeCopyBlocks(builder: ModuleBuilder, copyImage: FunctionHandle): void {
  const params = ['i32', 'i32', 'i32', 'i32'] as const
  builder.func({ name: 'copyBlocks', params }, (locals, block, begin, end, scratch) => {
    const { code, words } = readArguments(locals, block, names)
    const { channels, channelsPerCopy, channelBytes } = words
    const [unit, index, plane, row, channel, count, groups, from] = locals.many('i32', 8)
    return [
      code,
      local.set(groups, i32.div_u(i32.sub(i32.add(channels, channelsPerCopy), 1), channelsPerCopy)),
      forRange(unit, begin, end, 1, [
        local.set(channel, i32.mul(i32.rem_u(unit, groups), channelsPerCopy)),
        local.set(index, i32.div_u(unit, groups)),
        blockPlace(words, index, plane, row),
        local.set(count, i32.sub(channels, channel)),
        local.set(count, least(count, channelsPerCopy)),
        local.set(from, i32.mul(channel, i32.mul(words.sourceHeight, words.sourceWidth))),
        local.set(from, i32.add(i32.mul(plane, words.sourceGroup), i32.shl(from, 2))),
        // By way of the scratch: a copy is written in whole vectors, past its end.
        call(copyImage, block, i32.add(words.source, from), scratch, row, count),
        local.set(from, i32.add(i32.mul(index, words.copyBytes), i32.mul(channel, channelBytes))),
        memory.copy(i32.add(words.copies, from), scratch, i32.mul(count, channelBytes)),
      ]),
    ]
  })
}

/** Parts of a block of rows fastest, then blocks, then groups, then images. */
function writeConvolve(
  builder: ModuleBuilder,
  copyImage: FunctionHandle,
  convolveTiles: FunctionHandle,
): void {
  builder.func(
    { name: 'convolve', params: ['i32', 'i32', 'i32', 'i32'] },
    (locals, block, begin, end, scratch) => {
      const { code, words } = readArguments(locals, block, names)
      const [unit, part, index, row, plane, copy, tile, tile1] = locals.many('i32', 8)
      const makeCopy = [
        local.set(copy, i32.add(scratch, words.imageOffset)),
        call(
          copyImage,
          block,
          i32.add(words.source, i32.mul(plane, words.sourceGroup)),
          copy,
          row,
          words.channels,
        ),
      ]
      return [
        code,
        forRange(unit, begin, end, 1, [
          local.set(part, i32.rem_u(unit, words.parts)),
          local.set(index, i32.div_u(unit, words.parts)),
          blockPlace(words, index, plane, row),
          local.set(tile, i32.mul(part, words.tilesPerPart)),
          local.set(tile1, i32.add(tile, words.tilesPerPart)),
          when(
            words.copyBytes,
            local.set(copy, i32.add(words.copies, i32.mul(index, words.copyBytes))),
            makeCopy,
          ),
          call(convolveTiles, block, copy, plane, row, tile, least(tile1, words.tiles), scratch),
        ]),
      ]
    },
  )
}

/**
 * `(arguments, copy, image · groups + group, first row, first tile, end, edge)`: some channels of a block of
 * rows.
 */
// oxlint-disable-next-line max-lines-per-function -- the loops around the tile, to be read at one sight
function writeConvolveTiles(
  builder: ModuleBuilder,
  tiles: ByHeight,
  storeNarrow: FunctionHandle,
  finish: FunctionHandle,
): FunctionHandle {
  const [pixelTile, rowTiles] = [writePixelTile(builder), writeRowTiles(builder)]
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  // oxlint-disable-next-line max-lines-per-function -- the loops around the tile, to be read at one sight
  return builder.func({ params }, (locals, block, copy, plane, row0, tile0, tile1, edge) => {
    const { code, words } = readArguments(locals, block, names)
    const { resultWidth, resultHeight, taps, depth } = words
    const [tile, first, rows, panel, stride, end] = locals.many('i32', 6)
    const [at, second, c, channel, pixels] = locals.many('i32', 5)
    const [row, rowEnd, column, last, from, to] = locals.many('i32', 6)
    const place = (entry: Local, offset: number): Code => i32.load(entry, offset)
    const wide = tiles(rows, (micro) =>
      call(
        micro,
        panel,
        taps,
        i32.add(copy, place(at, 0)),
        i32.add(copy, place(second, 0)),
        i32.add(c, place(at, 4)),
        i32.add(c, place(second, 4)),
        stride,
        depth,
      ),
    )
    const narrow = [
      tiles(rows, (micro) =>
        call(
          micro,
          panel,
          taps,
          i32.add(copy, place(at, 0)),
          i32.add(copy, place(second, 0)),
          edge,
          i32.add(edge, 16),
          32,
          depth,
        ),
      ),
      call(storeNarrow, edge, i32.add(c, place(at, 4)), stride, rows, resultWidth),
      call(storeNarrow, i32.add(edge, 16), i32.add(c, place(second, 4)), stride, rows, resultWidth),
    ]
    const inRows = [
      local.set(second, i32.shl(words.rowGroups, 2)),
      local.set(last, i32.sub(resultWidth, second)),
      local.set(to, c),
      local.set(from, copy),
      forRange(row, row0, rowEnd, 1, [
        forRange(column, 0, resultWidth, second, [
          // The last tile of a row may overlap the one before, and computes the same values again.
          local.set(at, i32.shl(least(column, last), 2)),
          rowTiles(words.rowGroups, (micro) =>
            call(micro, panel, taps, i32.add(from, at), i32.add(to, at), depth),
          ),
        ]),
        increase(from, i32.shl(words.pitch, 2)),
        increase(to, i32.shl(resultWidth, 2)),
      ]),
    ]
    return [
      code,
      local.set(stride, i32.shl(i32.mul(resultHeight, resultWidth), 2)),
      // The table holds a full block of rows; the last block may have fewer.
      local.set(end, i32.sub(resultHeight, row0)),
      local.set(end, least(end, words.rowsPerBlock)),
      local.set(rowEnd, i32.add(row0, end)),
      local.set(pixels, i32.mul(end, resultWidth)),
      local.set(end, i32.mul(end, i32.shr_u(i32.add(resultWidth, 3), 2))),
      local.set(end, i32.add(words.pixels, i32.shl(end, 3))),
      forRange(tile, tile0, tile1, 1, [
        local.set(first, rowOffset(tile, words.height, words.tall)),
        local.set(rows, heightOf(tile, words.height, words.tall)),
        local.set(c, i32.add(i32.mul(plane, words.resultChannels), first)),
        local.set(
          c,
          i32.add(words.result, i32.add(i32.mul(c, stride), i32.shl(i32.mul(row0, resultWidth), 2))),
        ),
        local.set(panel, i32.rem_u(plane, words.groups)),
        local.set(channel, i32.add(i32.mul(panel, words.resultChannels), first)),
        local.set(panel, panelAddress(words, panel, first)),
        // Tiles of one channel take neighbouring pixels where the width allows it, else any eight groups.
        when(
          i32.and(i32.eq(rows, 1), i32.ge_u(resultWidth, 4)),
          when(words.rowGroups, inRows, [
            forRange(
              at,
              words.pixels,
              end,
              8 * TILE_GROUPS,
              call(pixelTile, panel, taps, copy, at, i32.sub(end, 8), c, depth),
            ),
          ]),
          forRange(at, words.pixels, end, 16, [
            // An odd group at the end is its own companion.
            local.set(second, i32.add(at, 8)),
            local.set(second, select(second, at, i32.lt_u(second, end))),
            when(i32.ge_u(resultWidth, 4), wide, narrow),
          ]),
        ),
        when(words.finish, call(finish, block, c, stride, channel, rows, 0, pixels)),
      ]),
    ]
  })
}

/** `(edge, c, row stride of c, rows, columns)`: the first columns of one half of a tile. */
function writeStoreNarrow(builder: ModuleBuilder): FunctionHandle {
  return builder.func(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32'] },
    (locals, edge, c, stride, rows, columns) => {
      const [row, column, shift] = [locals.i32(), locals.i32(), locals.i32()]
      return forRange(row, 0, rows, 1, [
        forRange(column, 0, columns, 1, [
          local.set(shift, i32.shl(column, 2)),
          f32.store(i32.add(c, shift), f32.load(i32.add(edge, shift))),
        ]),
        increase(edge, 32),
        increase(c, stride),
      ])
    },
  )
}
