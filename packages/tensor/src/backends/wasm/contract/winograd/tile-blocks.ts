import { type Code, i32, least, local, type Local, type Locals } from '../../assembler/index.ts'
import { wholeLines } from '../sizing.ts'
import type { Tiles } from './forms.ts'

/** Blocks of tiles: some whole images, or some rows of tiles of one image, or a part of one row. */
export interface TileBlocks {
  readonly imagesPerBlock: number
  readonly rowsPerBlock: number
  readonly columnsPerBlock: number
  readonly rowBlocks: number
  readonly columnBlocks: number
  readonly blocks: number
  /** Tiles of the largest block. */
  readonly tiles: number
}

/** Pixels along a side of a tile of forward results, whatever the stride. */
export const TILE = 4

/** Blocks of about `wanted` tiles, as equal as they can be. */
export function cutTiles(images: number, tileRows: number, tileColumns: number, wanted: number): TileBlocks {
  const even = (total: number, most: number): number =>
    Math.ceil(total / Math.ceil(total / Math.max(1, Math.min(total, most))))
  const columnsPerBlock = even(tileColumns, wanted)
  const rowsPerBlock = even(tileRows, columnsPerBlock < tileColumns ? 1 : Math.floor(wanted / tileColumns))
  const whole = rowsPerBlock === tileRows && columnsPerBlock === tileColumns
  const imagesPerBlock = even(images, whole ? Math.floor(wanted / (tileRows * tileColumns)) : 1)
  const [rowBlocks, columnBlocks] = [
    Math.ceil(tileRows / rowsPerBlock),
    Math.ceil(tileColumns / columnsPerBlock),
  ]
  return {
    imagesPerBlock,
    rowsPerBlock,
    columnsPerBlock,
    rowBlocks,
    columnBlocks,
    blocks: Math.ceil(images / imagesPerBlock) * rowBlocks * columnBlocks,
    tiles: imagesPerBlock * rowsPerBlock * columnsPerBlock,
  }
}

/** Bytes of the strip that holds four padded channels of a block's rows of one image. */
export function stripBytes({ rowsPerBlock, columnsPerBlock }: TileBlocks, { step, reach }: Tiles): number {
  const pixels = (tiles: number): number => step * (tiles - 1) + reach
  return wholeLines(16 * pixels(rowsPerBlock) * pixels(columnsPerBlock))
}

/**
 * Distances between the planes of transformed data, in bytes: part of the code, so that a tile needs one
 * pointer for all of them. None is a multiple of 4096, or the planes would displace each other in level 1.
 */
const PLANE_STRIDES = [1 << 14, 1 << 16, 1 << 18].map((bytes) => bytes + 448)

/** The smallest stride for `channels` of `tiles`; and the tiles that fit the largest. */
export function planeStrideFor(channels: number, tiles: number): number {
  return PLANE_STRIDES.find((stride) => stride >= 4 * channels * tiles)!
}

export function fittingTiles(channels: number): number {
  return Math.max(1, Math.floor(PLANE_STRIDES.at(-1)! / (4 * channels)))
}

/** A multiple of 64 bytes that is none of 4096. */
export function oddLines(bytes: number): number {
  return 4096 * Math.ceil(bytes / 4096) + 448
}

/** Words that say how tiles are cut into blocks. */
export const blockArguments = [
  'images',
  'tileRows',
  'tileColumns',
  'imagesPerBlock',
  'rowsPerBlock',
  'columnsPerBlock',
  'rowBlocks',
  'columnBlocks',
  'blocks',
  'tileStride',
] as const
export type BlockArgument = (typeof blockArguments)[number]

/** Where a block lies, in tiles. */
export interface BlockPlace {
  readonly image: Local
  readonly images: Local
  readonly row: Local
  readonly rows: Local
  readonly column: Local
  readonly columns: Local
  /** Finds the place of block `block`. */
  readonly find: (block: Local) => Code
  /** Tiles of the block. */
  readonly tiles: Code
}

export function declareBlock(locals: Locals, words: Readonly<Record<BlockArgument, Local>>): BlockPlace {
  const [image, images, row, rows, column, columns] = locals.many('i32', 6)
  const rest = locals.i32()
  const part = (first: Local, count: Local, per: Local, total: Local): Code => [
    local.set(first, i32.mul(first, per)),
    local.set(count, i32.sub(total, first)),
    local.set(count, least(count, per)),
  ]
  return {
    image,
    images,
    row,
    rows,
    column,
    columns,
    tiles: i32.mul(images, i32.mul(rows, columns)),
    find: (block) => [
      local.set(column, i32.rem_u(block, words.columnBlocks)),
      local.set(rest, i32.div_u(block, words.columnBlocks)),
      local.set(row, i32.rem_u(rest, words.rowBlocks)),
      local.set(image, i32.div_u(rest, words.rowBlocks)),
      part(image, images, words.imagesPerBlock, words.images),
      part(row, rows, words.rowsPerBlock, words.tileRows),
      part(column, columns, words.columnsPerBlock, words.tileColumns),
    ],
  }
}
