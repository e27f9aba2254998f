import {
  block,
  br_if,
  call,
  type Code,
  f32,
  f32x4,
  forRange,
  type FunctionHandle,
  i32,
  increase,
  least,
  local,
  type Local,
  type ModuleBuilder,
  shuffle32,
  v128,
  when,
} from '../assembler/index.ts'
import { readArguments } from './arguments.ts'
import { gemmArguments } from './gemm-arguments.ts'
import { forHeights } from './micro-kernel.ts'
import { TILE_WIDTH, tileHeight } from './tiles.ts'

/**
 * Packing copies an operand into panels: `[k][height]` for rows of the left operand, `[k][8]` for columns of
 * the right one. Afterwards a tile reads both from start to end. Whatever strides an operand has end here, so
 * a transposed matrix costs nothing more than a plain one.
 */

/** Four vectors as the rows of a 4 × 4 matrix, transposed in place. */
export function transpose4(rows: readonly Local[], spare: readonly Local[]): Code {
  const [a, b, c, d] = rows as [Local, Local, Local, Local]
  const [ab, ab2, cd, cd2] = spare as [Local, Local, Local, Local]
  return [
    local.set(ab, shuffle32([0, 4, 1, 5], a, b)),
    local.set(ab2, shuffle32([2, 6, 3, 7], a, b)),
    local.set(cd, shuffle32([0, 4, 1, 5], c, d)),
    local.set(cd2, shuffle32([2, 6, 3, 7], c, d)),
    local.set(a, shuffle32([0, 1, 4, 5], ab, cd)),
    local.set(b, shuffle32([2, 3, 6, 7], ab, cd)),
    local.set(c, shuffle32([0, 1, 4, 5], ab2, cd2)),
    local.set(d, shuffle32([2, 3, 6, 7], ab2, cd2)),
  ]
}

/**
 * One panel of the left operand: `(source, panel, row stride, k stride, depth)`, strides in bytes.
 * The panel holds `height` rows.
 */
export function writeRowPacker(builder: ModuleBuilder, height: number): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params }, (locals, source, panel, rowStride, kStride, depth) => {
    const [k, at] = [locals.i32(), locals.i32()]
    const element = (row: number): Code => [
      row === 0 ? local.set(at, source) : increase(at, rowStride),
      f32.store(panel, f32.load(at), 4 * row),
    ]
    const eachStep = (rows: Code): Code =>
      forRange(k, 0, depth, 1, [rows, increase(source, kStride), increase(panel, 4 * height)])
    return when(
      i32.eq(rowStride, 4),
      eachStep(copyElements(panel, source, height)),
      eachStep(Array.from({ length: height }, (_, row) => element(row))),
    )
  })
}

/** Copies up to seven neighbours, and touches no others. */
function copyElements(to: Local, from: Local, count: number): Code {
  const pair = count & 4
  const single = count & 6
  return [
    count & 4 ? v128.store(to, v128.load(from)) : [],
    count & 2 ? v128.store64_lane(to, 0, v128.load64_zero(from, 4 * pair), 4 * pair) : [],
    count & 1 ? f32.store(to, f32.load(from, 4 * single), 4 * single) : [],
  ]
}

/**
 * One panel of the right operand: `(source, panel, k stride, column stride, depth, columns)`, strides in
 * bytes. A panel with fewer than 8 columns is filled up with zeros.
 */
// oxlint-disable-next-line max-lines-per-function -- three ways to read the same panel, side by side
function writeColumnPacker(builder: ModuleBuilder): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params }, (locals, source, panel, kStride, columnStride, depth, columns) => {
    const [k, column, at, to] = [locals.i32(), locals.i32(), locals.i32(), locals.i32()]
    const [rows, spare] = [locals.many('v128', 4), locals.many('v128', 4)]
    /** Columns lie side by side: each step is a copy of two vectors. */
    const copy = forRange(k, 0, depth, 1, [
      v128.store(panel, v128.load(source)),
      v128.store(panel, v128.load(source, 16), 16),
      increase(source, kStride),
      increase(panel, 4 * TILE_WIDTH),
    ])
    /** Steps lie side by side: blocks of 4 columns × 4 steps are transposed in registers. */
    const transpose = forRange(k, 0, i32.and(depth, -4), 4, [
      local.set(at, source),
      [0, 16].map((half) => [
        rows.map((row) => [local.set(row, v128.load(at)), increase(at, columnStride)]),
        transpose4(rows, spare),
        rows.map((row, index) => v128.store(panel, row, 4 * TILE_WIDTH * index + half)),
      ]),
      increase(source, 16),
      increase(panel, 16 * TILE_WIDTH),
    ])
    /** Whatever is left: the last steps of `transpose`, a last panel with few columns, any other strides. */
    const single = forRange(k, k, depth, 1, [
      local.set(at, source),
      local.set(to, panel),
      v128.store(panel, f32x4.splat(0)),
      v128.store(panel, f32x4.splat(0), 16),
      forRange(column, 0, columns, 1, [
        f32.store(to, f32.load(at)),
        increase(at, columnStride),
        increase(to, 4),
      ]),
      increase(source, kStride),
      increase(panel, 4 * TILE_WIDTH),
    ])
    return block((done) => [
      when(i32.eq(columns, TILE_WIDTH), [
        when(i32.eq(columnStride, 4), copy, when(i32.eq(kStride, 4), transpose)),
      ]),
      br_if(done, i32.ge_u(k, depth)),
      single,
    ])
  })
}

/** Steps of a block that are packed at a time. */
const PACKED_STEPS = 8

export interface Packers {
  /** `(arguments, matrix, panel, steps, position)`: packs one panel of an operand of `gemm.ts`. */
  readonly left: FunctionHandle
  readonly right: FunctionHandle
  /** `(arguments, matrix, panels, steps, first tile, end)`: packs the panels of some tiles. */
  readonly leftBlock: FunctionHandle
}

export function writePackers(builder: ModuleBuilder): Packers {
  const byHeight = forHeights(tileHeight(builder.target), (height) => writeRowPacker(builder, height))
  const columnPacker = writeColumnPacker(builder)
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const
  const left = builder.func({ params }, (locals, block, source, panel, steps, tile) => {
    const { code, words } = readArguments(locals, block, gemmArguments)
    const { height, tall, leftRow, leftDepth } = words
    const rows = locals.i32()
    return [
      code,
      increase(source, i32.mul(rowOffset(tile, height, tall), leftRow)),
      local.set(rows, heightOf(tile, height, tall)),
      byHeight(rows, (packer) => call(packer, source, panel, leftRow, leftDepth, steps)),
    ]
  })
  const right = builder.func({ params }, (locals, block, source, panel, steps, position) => {
    const { code, words } = readArguments(locals, block, gemmArguments)
    const { rightDepth, rightColumn } = words
    return [
      code,
      local.set(position, i32.mul(position, TILE_WIDTH)),
      increase(source, i32.mul(position, rightColumn)),
      local.set(position, i32.sub(words.columns, position)),
      call(columnPacker, source, panel, rightDepth, rightColumn, steps, least(position, TILE_WIDTH)),
    ]
  })
  return { left, right, leftBlock: writeLeftBlock(builder, left) }
}

/** A few steps of all tiles at a time: far apart as they are, level 1 holds no more of them. */
function writeLeftBlock(builder: ModuleBuilder, packLeft: FunctionHandle): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params }, (locals, block, source, panels, steps, tile0, tile1) => {
    const { code, words } = readArguments(locals, block, gemmArguments)
    const [k, rest, tile, rows, panel] = locals.many('i32', 5)
    return [
      code,
      forRange(k, 0, steps, PACKED_STEPS, [
        local.set(panel, panels),
        local.set(rest, i32.sub(steps, k)),
        forRange(tile, tile0, tile1, 1, [
          local.set(rows, heightOf(tile, words.height, words.tall)),
          call(
            packLeft,
            block,
            source,
            i32.add(panel, i32.shl(i32.mul(k, rows), 2)),
            least(rest, PACKED_STEPS),
            tile,
          ),
          increase(panel, i32.shl(i32.mul(rows, steps), 2)),
        ]),
        increase(source, i32.mul(words.leftDepth, PACKED_STEPS)),
      ]),
    ]
  })
}

/** First row of tile `tile`: `tall` tiles of the full height come first, all others are one row lower. */
export function rowOffset(tile: Local, height: Local, tall: Local): Code {
  const beyond = i32.mul(i32.gt_s(tile, tall), i32.sub(tile, tall))
  return i32.sub(i32.mul(tile, height), beyond)
}

/** Height of tile `tile`. */
export function heightOf(tile: Local, height: Local, tall: Local): Code {
  return i32.sub(height, i32.ge_s(tile, tall))
}
