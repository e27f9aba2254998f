import {
  br_if,
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
  loop,
  type ModuleBuilder,
  type Operand,
  select,
  when,
} from '../assembler/index.ts'
import type { ModuleRecipe } from '../launch.ts'
import { readArguments } from './arguments.ts'
import { finishArguments, writeFinish } from './finish.ts'
import { forHeights, writeInnerTile, writeTile } from './micro-kernel.ts'
import { heightOf, rowOffset, writeColumnPacker, writeRowPacker } from './pack.ts'
import { writeMultiplyRow } from './row-product.ts'
import { TILE_WIDTH, tileHeight } from './tiles.ts'

/**
 * Matrix product C = A · B, cut to fit the memory of the machine (Goto & van de Geijn 2008,
 * doi:10.1145/1356052.1356053):
 *
 * - **registers**: tiles of 6 × 8 (`micro-kernel.ts`);
 * - **level 1**: a panel of B, 8 columns × `depthBlock` steps, 8 KB, is used by all tiles of a block of
 *   rows in turn;
 * - **level 2**: the panels of A of a block of rows, up to 16 × 6 rows × `depthBlock` steps, 96 KB, stay
 *   while the panels of B pass by;
 * - **threads**: a block of rows × a block of columns of C is one unit of work.
 *
 * Operands are read where they lie if the tile can (`micro-kernel.ts`) and the caches allow; others are
 * packed first (`pack.ts`). The reduced axis is cut into blocks that are added to C in
 * ascending order, whatever the number of threads.
 */
export const gemmModule: ModuleRecipe = { key: 'contract/gemm', write: writeGemm }

/** Steps along the reduced axis between two visits to C. */
export const DEPTH_BLOCK = 256
export const MAXIMUM_BATCH_AXES = 4

const batchAxes = [0, 1, 2, 3] as const
/**
 * Strides in bytes. `perBatch`: bytes of packed panels from one batch entry to the next, 0 if they are the
 * same ones. The tiles read their rows at `rowStep` and, one step after the other, `depthStep`; their panels
 * of columns at `panelStep` and `rightStep`, the distance of columns if the tiles are `inner` products, of
 * steps if not. `accumulate`: whether the product is added to what C holds.
 */
export const gemmArguments = [
  'left',
  'right',
  'result',
  'leftPanels',
  'rightPanels',
  'depth',
  'depthBlock',
  'columns',
  'height',
  'tall',
  'tiles',
  'panels',
  'leftRow',
  'leftDepth',
  'rightDepth',
  'rightColumn',
  'resultRow',
  'tilesPerBlock',
  'panelsPerBlock',
  'rowBlocks',
  'columnBlocks',
  'leftPerBatch',
  'rightPerBatch',
  'leftPacked',
  'rightPacked',
  'leftInRows',
  'inner',
  'rowStep',
  'depthStep',
  'panelStep',
  'rightStep',
  'accumulate',
  ...finishArguments,
  ...batchAxes.map((axis) => `batchSize${axis}` as const),
  ...batchAxes.map((axis) => `leftBatch${axis}` as const),
  ...batchAxes.map((axis) => `rightBatch${axis}` as const),
  ...batchAxes.map((axis) => `resultBatch${axis}` as const),
] as const
export type GemmArgument = (typeof gemmArguments)[number]

/** Bytes of a thread's scratch that hold a tile at the edge of C. */
export const EDGE_BYTES = 256

interface Parts {
  readonly batchOffset: FunctionHandle
  readonly packLeft: FunctionHandle
  readonly packRight: FunctionHandle
  readonly multiplyBlock: FunctionHandle
}

function writeGemm(builder: ModuleBuilder): void {
  const finish = writeFinish(builder, gemmArguments)
  const parts: Parts = {
    batchOffset: writeBatchOffset(builder),
    packLeft: writePackLeft(builder),
    packRight: writePackRight(builder),
    multiplyBlock: writeMultiplyBlock(builder, finish),
  }
  writePackEntry(builder, parts, 'packLeft')
  writePackEntry(builder, parts, 'packRight')
  writeMultiply(builder, parts)
  writeMultiplySmall(builder, parts)
  const offset = (block: Local, operand: 'left' | 'right' | 'result', index: Local): Code =>
    offsetOf(parts, block, operand, index)
  writeMultiplyRow(builder, gemmArguments, offset, finish)
}

/** `(arguments, operand, index) → bytes` from the start of an operand to its batch entry `index`. */
function writeBatchOffset(builder: ModuleBuilder): FunctionHandle {
  const sizes = 4 * gemmArguments.indexOf('batchSize0')
  return builder.func(
    { params: ['i32', 'i32', 'i32'], results: ['i32'] },
    (locals, block, strides, index) => {
      const [offset, size] = [locals.i32(), locals.i32()]
      return [
        batchAxes
          .toReversed()
          .map((axis) => [
            local.set(size, i32.load(block, sizes + 4 * axis)),
            increase(offset, i32.mul(i32.rem_u(index, size), i32.load(i32.add(block, strides), 4 * axis))),
            local.set(index, i32.div_u(index, size)),
          ]),
        local.get(offset),
      ]
    },
  )
}

function offsetOf(parts: Parts, block: Local, operand: 'left' | 'right' | 'result', index: Local): Code {
  return call(parts.batchOffset, block, 4 * gemmArguments.indexOf(`${operand}Batch0`), index)
}

/** `(arguments, source, panels, first tile, end)`: packs rows of one matrix. */
function writePackLeft(builder: ModuleBuilder): FunctionHandle {
  const byHeight = forHeights(tileHeight(builder.target), (height) => writeRowPacker(builder, height))
  return builder.func(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32'] },
    (locals, block, source, panels, first, end) => {
      const { code, words } = readArguments(locals, block, gemmArguments)
      const { depth, height, tall, leftRow, leftDepth } = words
      const [tile, row, rows] = [locals.i32(), locals.i32(), locals.i32()]
      return [
        code,
        forRange(tile, first, end, 1, [
          local.set(row, rowOffset(tile, height, tall)),
          local.set(rows, heightOf(tile, height, tall)),
          byHeight(rows, (packer) =>
            call(
              packer,
              i32.add(source, i32.mul(row, leftRow)),
              i32.add(panels, i32.shl(i32.mul(row, depth), 2)),
              leftRow,
              leftDepth,
              depth,
            ),
          ),
        ]),
      ]
    },
  )
}

/** `(arguments, source, panels, first panel, end)`: packs columns of one matrix. */
function writePackRight(builder: ModuleBuilder): FunctionHandle {
  const packer = writeColumnPacker(builder)
  return builder.func(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32'] },
    (locals, block, source, panels, first, end) => {
      const { code, words } = readArguments(locals, block, gemmArguments)
      const { depth, columns, rightDepth, rightColumn } = words
      const [panel, left] = [locals.i32(), locals.i32()]
      return [
        code,
        forRange(panel, first, end, 1, [
          local.set(left, i32.sub(columns, i32.mul(panel, TILE_WIDTH))),
          call(
            packer,
            i32.add(source, i32.mul(i32.mul(panel, TILE_WIDTH), rightColumn)),
            i32.add(panels, i32.mul(i32.mul(panel, depth), 4 * TILE_WIDTH)),
            rightDepth,
            rightColumn,
            depth,
            least(left, TILE_WIDTH),
          ),
        ]),
      ]
    },
  )
}

/** `(arguments, left panels, right panels, C, first tile, end, first panel, end, edge)`: one block of C. */
// oxlint-disable-next-line max-lines-per-function -- the loops around the tile, to be read at one sight
function writeMultiplyBlock(builder: ModuleBuilder, finish: FunctionHandle): FunctionHandle {
  const tilesBy = (order: 'rows' | 'steps') =>
    forHeights(tileHeight(builder.target), (height) => writeTile(builder, height, order))
  const byHeight = { rows: tilesBy('rows'), steps: tilesBy('steps') }
  const storeEdge = writeStoreEdge(builder)
  const innerTiles = writeInnerTiles(builder, storeEdge)
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params }, (locals, block, left, right, c, tile0, tile1, panel0, panel1, edge) => {
    const { code, words } = readArguments(locals, block, gemmArguments)
    const { depth, depthBlock, columns, height, tall, resultRow, rowStep, rightStep } = words
    const [start, steps, panel, tile, row, rows, add] = locals.many('i32', 7)
    const [a, b, to, rest, step] = locals.many('i32', 5)
    const micro = (c: Local, stride: Operand, accumulate: Operand): Code =>
      when(
        words.leftInRows,
        byHeight.rows(rows, (tile) => call(tile, a, rowStep, b, rightStep, c, stride, steps, accumulate)),
        byHeight.steps(rows, (tile) => call(tile, a, step, b, rightStep, c, stride, steps, accumulate)),
      )
    const tileAt = [
      local.set(row, rowOffset(tile, height, tall)),
      local.set(rows, heightOf(tile, height, tall)),
      // The steps of a packed tile are as far apart as it is high.
      local.set(step, select(i32.shl(rows, 2), words.depthStep, words.leftPacked)),
      local.set(a, i32.add(left, i32.add(i32.mul(row, rowStep), i32.mul(step, start)))),
      local.set(to, i32.add(c, i32.add(i32.mul(row, resultRow), i32.mul(panel, 4 * TILE_WIDTH)))),
      when(
        words.inner,
        call(innerTiles, a, rowStep, b, rightStep, to, resultRow, steps, add, rows, rest, edge),
        when(i32.ge_s(rest, TILE_WIDTH), micro(to, resultRow, add), [
          micro(edge, 4 * TILE_WIDTH, 0),
          call(storeEdge, edge, to, resultRow, rows, rest, add),
        ]),
      ),
    ]
    // At least once: an empty reduction writes zeros.
    return [
      code,
      loop((again) => [
        local.set(steps, i32.sub(depth, start)),
        local.set(steps, least(steps, depthBlock)),
        local.set(add, i32.or(start, words.accumulate)),
        forRange(panel, panel0, panel1, 1, [
          local.set(b, i32.add(right, i32.mul(panel, words.panelStep))),
          increase(b, i32.mul(start, select(4, rightStep, words.inner))),
          local.set(rest, i32.sub(columns, i32.mul(panel, TILE_WIDTH))),
          forRange(tile, tile0, tile1, 1, tileAt),
        ]),
        increase(start, steps),
        br_if(again, i32.lt_u(start, depth)),
      ]),
      when(words.finish, [
        local.set(row, rowOffset(tile0, height, tall)),
        local.set(rows, i32.sub(rowOffset(tile1, height, tall), row)),
        local.set(panel, i32.mul(panel0, TILE_WIDTH)),
        local.set(steps, i32.sub(columns, panel)),
        local.set(rest, i32.mul(i32.sub(panel1, panel0), TILE_WIDTH)),
        local.set(to, i32.add(c, i32.add(i32.mul(row, resultRow), i32.shl(panel, 2)))),
        call(finish, block, to, resultRow, row, rows, panel, least(rest, steps)),
      ]),
    ]
  })
}

/**
 * `(left, left stride, right, right stride, c, row stride of c, depth, accumulate, rows, columns, edge)`: a
 * tile of up to 8 columns as inner products.
 */
function writeInnerTiles(builder: ModuleBuilder, storeEdge: FunctionHandle): FunctionHandle {
  const byHeight = forHeights(tileHeight(builder.target), (height) => writeInnerTile(builder, height))
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func(
    { params },
    (locals, left, leftStep, right, rightStep, c, stride, depth, accumulate, rows, columns, edge) => {
      const pairs = locals.i32()
      return [
        local.set(columns, least(columns, TILE_WIDTH)),
        local.set(pairs, i32.shr_u(columns, 1)),
        byHeight(rows, (tile) => [
          call(tile, left, leftStep, right, rightStep, c, stride, depth, accumulate, pairs),
          when(i32.and(columns, 1), [
            // An odd column is its own neighbour.
            increase(right, i32.mul(i32.shl(pairs, 1), rightStep)),
            call(tile, left, leftStep, right, 0, edge, 4 * TILE_WIDTH, depth, 0, 1),
            increase(c, i32.shl(pairs, 3)),
            call(storeEdge, edge, c, stride, rows, 1, accumulate),
          ]),
        ]),
      ]
    },
  )
}

/** `(edge, c, row stride of c, rows, columns, accumulate)`: the part of a tile that lies inside of C. */
function writeStoreEdge(builder: ModuleBuilder): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params }, (locals, edge, c, stride, rows, columns, accumulate) => {
    const [row, column, from, to] = [locals.i32(), locals.i32(), locals.i32(), locals.i32()]
    return forRange(row, 0, rows, 1, [
      local.set(from, edge),
      local.set(to, c),
      forRange(column, 0, columns, 1, [
        when(accumulate, f32.store(to, f32.add(f32.load(to), f32.load(from))), f32.store(to, f32.load(from))),
        increase(from, 4),
        increase(to, 4),
      ]),
      increase(edge, 4 * TILE_WIDTH),
      increase(c, stride),
    ])
  })
}

/** A unit is one panel of one matrix. */
function writePackEntry(builder: ModuleBuilder, parts: Parts, name: 'packLeft' | 'packRight'): void {
  builder.func({ name, params: ['i32', 'i32', 'i32', 'i32'] }, (locals, block, begin, end) => {
    const { code, words } = readArguments(locals, block, gemmArguments)
    const left = name === 'packLeft'
    const [source, panels, count] = left
      ? [words.left, words.leftPanels, words.tiles]
      : [words.right, words.rightPanels, words.panels]
    const perBatch = left ? words.leftPerBatch : words.rightPerBatch
    const [unit, index, first] = [locals.i32(), locals.i32(), locals.i32()]
    return [
      code,
      forRange(unit, begin, end, 1, [
        local.set(index, i32.div_u(unit, count)),
        local.set(first, i32.rem_u(unit, count)),
        call(
          parts[name],
          block,
          i32.add(source, offsetOf(parts, block, left ? 'left' : 'right', index)),
          i32.add(panels, i32.mul(index, perBatch)),
          first,
          i32.add(first, 1),
        ),
      ]),
    ]
  })
}

/** A unit is one block of C: column blocks fastest, then row blocks, then batch entries. */
function writeMultiply(builder: ModuleBuilder, parts: Parts): void {
  builder.func(
    { name: 'multiply', params: ['i32', 'i32', 'i32', 'i32'] },
    (locals, block, begin, end, scratch) => {
      const { code, words } = readArguments(locals, block, gemmArguments)
      const { rowBlocks, columnBlocks, tilesPerBlock, panelsPerBlock, tiles, panels } = words
      const [unit, index, tile, tile1, panel, panel1] = locals.many('i32', 6)
      const [left, right] = [locals.i32(), locals.i32()]
      return [
        code,
        forRange(unit, begin, end, 1, [
          local.set(panel, i32.mul(i32.rem_u(unit, columnBlocks), panelsPerBlock)),
          local.set(index, i32.div_u(unit, columnBlocks)),
          local.set(tile, i32.mul(i32.rem_u(index, rowBlocks), tilesPerBlock)),
          local.set(index, i32.div_u(index, rowBlocks)),
          local.set(tile1, i32.add(tile, tilesPerBlock)),
          local.set(panel1, i32.add(panel, panelsPerBlock)),
          local.set(left, i32.add(words.left, offsetOf(parts, block, 'left', index))),
          when(
            words.leftPacked,
            local.set(left, i32.add(words.leftPanels, i32.mul(index, words.leftPerBatch))),
          ),
          local.set(right, i32.add(words.right, offsetOf(parts, block, 'right', index))),
          when(
            words.rightPacked,
            local.set(right, i32.add(words.rightPanels, i32.mul(index, words.rightPerBatch))),
          ),
          call(
            parts.multiplyBlock,
            block,
            left,
            right,
            i32.add(words.result, offsetOf(parts, block, 'result', index)),
            tile,
            least(tile1, tiles),
            panel,
            least(panel1, panels),
            scratch,
          ),
        ]),
      ]
    },
  )
}

/** A unit is one whole product of small matrices; what must be packed goes to the thread's own scratch. */
function writeMultiplySmall(builder: ModuleBuilder, parts: Parts): void {
  builder.func(
    { name: 'multiplySmall', params: ['i32', 'i32', 'i32', 'i32'] },
    (locals, block, begin, end, scratch) => {
      const { code, words } = readArguments(locals, block, gemmArguments)
      const [unit, left, right, to] = locals.many('i32', 4)
      /** Packs an operand that cannot be read where it lies. */
      const ready = (name: 'left' | 'right', operand: Local, count: Local): Code => [
        local.set(operand, i32.add(words[name], offsetOf(parts, block, name, unit))),
        when(words[`${name}Packed`], [
          // Here the addresses of the panels count from the start of the scratch.
          local.set(to, i32.add(scratch, words[`${name}Panels`])),
          call(parts[name === 'left' ? 'packLeft' : 'packRight'], block, operand, to, 0, count),
          local.set(operand, to),
        ]),
      ]
      return [
        code,
        forRange(unit, begin, end, 1, [
          ready('left', left, words.tiles),
          ready('right', right, words.panels),
          call(
            parts.multiplyBlock,
            block,
            left,
            right,
            i32.add(words.result, offsetOf(parts, block, 'result', unit)),
            0,
            words.tiles,
            0,
            words.panels,
            scratch,
          ),
        ]),
      ]
    },
  )
}
