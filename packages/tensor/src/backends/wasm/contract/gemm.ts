import {
  call,
  type Code,
  forRange,
  type FunctionHandle,
  i32,
  increase,
  least,
  local,
  type Local,
  type ModuleBuilder,
  when,
} from '../assembler/index.ts'
import type { ModuleRecipe } from '../launch.ts'
import { readArguments } from './arguments.ts'
import { writeFinish } from './finish.ts'
import { batchAxes, gemmArguments } from './gemm-arguments.ts'
import { writeInnerBlock, writePanelBlock } from './gemm-block.ts'
import { forHeights } from './micro-kernel.ts'
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

/** The same loops around tiles of inner products, of operands that are read where they lie. */
export const innerGemmModule: ModuleRecipe = {
  key: 'contract/inner-gemm',
  write: (builder) => {
    const finish = writeFinish(builder, gemmArguments)
    const parts = { batchOffset: writeBatchOffset(builder), multiplyBlock: writeInnerBlock(builder, finish) }
    writeMultiply(builder, parts)
    writeMultiplySmall(builder, parts)
  },
}

/** Steps along the reduced axis between two visits to C. */
export const DEPTH_BLOCK = 256

interface Parts {
  readonly batchOffset: FunctionHandle
  readonly multiplyBlock: FunctionHandle
  readonly packLeft?: FunctionHandle
  readonly packRight?: FunctionHandle
}

function writeGemm(builder: ModuleBuilder): void {
  const finish = writeFinish(builder, gemmArguments)
  const parts = {
    batchOffset: writeBatchOffset(builder),
    packLeft: writePackLeft(builder),
    packRight: writePackRight(builder),
    multiplyBlock: writePanelBlock(builder, finish),
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

/** A unit is one panel of one matrix. */
function writePackEntry(
  builder: ModuleBuilder,
  parts: Required<Parts>,
  name: 'packLeft' | 'packRight',
): void {
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
      const ready = (name: 'left' | 'right', operand: Local, count: Local): Code => {
        const packer = parts[name === 'left' ? 'packLeft' : 'packRight']
        return [
          local.set(operand, i32.add(words[name], offsetOf(parts, block, name, unit))),
          packer === undefined
            ? []
            : when(words[`${name}Packed`], [
                // Here the addresses of the panels count from the start of the scratch.
                local.set(to, i32.add(scratch, words[`${name}Panels`])),
                call(packer, block, operand, to, 0, count),
                local.set(operand, to),
              ]),
        ]
      }
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
