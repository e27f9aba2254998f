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
import { rowOffset, writePackers } from './pack.ts'
import { writeMultiplyRow } from './row-product.ts'
import { TILE_WIDTH } from './tiles.ts'

/**
 * Matrix product C = A · B, cut to fit the memory of the machine (Goto & van de Geijn 2008,
 * doi:10.1145/1356052.1356053):
 *
 * - **registers**: tiles of 6 × 8 (`micro-kernel.ts`);
 * - **level 1**: a panel of B, 8 columns × `depthBlock` steps, up to 12 KB, is used by all tiles of a block of
 *   rows in turn;
 * - **level 2**: the panels of A of a block of rows, up to 16 × 6 rows × `depthBlock` steps, 144 KB, stay
 *   while the panels of B pass by;
 * - **threads**: a block of rows × a block of columns of C is one unit of work.
 *
 * Operands are read where they lie if the tile can (`micro-kernel.ts`) and the caches allow; others are
 * packed (`pack.ts`): by each block into its thread's scratch, just before it reads them; or, where many
 * blocks would pack the same, all at once before. The reduced axis is cut into blocks that are added to C in
 * ascending order, whatever the number of threads.
 */
export const gemmModule: ModuleRecipe = { key: 'contract/gemm', write: writeGemm }

/** The same loops around tiles of inner products, of operands that are read where they lie. */
export const innerGemmModule: ModuleRecipe = {
  key: 'contract/inner-gemm',
  write: (builder) => writeMultiply(builder, writeBatchOffset(builder), writeInnerBlock(builder)),
}

/** Steps along the reduced axis between two visits to C. */
export const DEPTH_BLOCK = 384

function writeGemm(builder: ModuleBuilder): void {
  const packers = writePackers(builder)
  const batchOffset = writeBatchOffset(builder)
  const finish = writeMultiply(builder, batchOffset, writePanelBlock(builder, packers))
  writePackEntry(builder, batchOffset, 'packLeft', packers.left)
  writePackEntry(builder, batchOffset, 'packRight', packers.right)
  const offset = (block: Local, operand: BatchOperand, index: Local): Code =>
    offsetOf(batchOffset, block, operand, index)
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

type BatchOperand = 'left' | 'right' | 'result'

function offsetOf(batchOffset: FunctionHandle, block: Local, operand: BatchOperand, index: Local): Code {
  return call(batchOffset, block, 4 * gemmArguments.indexOf(`${operand}Batch0`), index)
}

/** A unit is one panel of one matrix, from `left` or `right` to `result`. */
function writePackEntry(
  builder: ModuleBuilder,
  batchOffset: FunctionHandle,
  name: 'packLeft' | 'packRight',
  packer: FunctionHandle,
): void {
  builder.func({ name, params: ['i32', 'i32', 'i32', 'i32'] }, (locals, block, begin, end) => {
    const { code, words } = readArguments(locals, block, gemmArguments)
    const [unit, index, panel, from, to] = locals.many('i32', 5)
    const [operand, count] =
      name === 'packLeft' ? (['left', words.tiles] as const) : (['right', words.panels] as const)
    const column = name === 'packLeft' ? rowOffset(panel, words.height, words.tall) : i32.shl(panel, 3)
    return [
      code,
      forRange(unit, begin, end, 1, [
        local.set(index, i32.div_u(unit, count)),
        local.set(panel, i32.rem_u(unit, count)),
        local.set(from, i32.add(words[operand], offsetOf(batchOffset, block, operand, index))),
        local.set(to, i32.add(words.result, offsetOf(batchOffset, block, 'result', index))),
        increase(to, i32.shl(i32.mul(column, words.depth), 2)),
        call(packer, block, from, to, words.depth, panel),
      ]),
    ]
  })
}

/**
 * A unit is one block of C: column blocks fastest, then batch entries, which may share their left operand, then
 * row blocks. Returns the function that finishes a block.
 */
function writeMultiply(
  builder: ModuleBuilder,
  batchOffset: FunctionHandle,
  multiplyBlock: FunctionHandle,
): FunctionHandle {
  const finish = writeFinish(builder, gemmArguments)
  const params = ['i32', 'i32', 'i32', 'i32'] as const
  builder.func({ name: 'multiply', params }, (locals, block, begin, end, scratch) => {
    const { code, words } = readArguments(locals, block, gemmArguments)
    const { columnBlocks, tiles, panels, terms, resultRow, height, tall } = words
    const [unit, index, tile, tile1, panel, panel1] = locals.many('i32', 6)
    const [entry, last, add, c, row, columns] = locals.many('i32', 6)
    const operand = (name: 'left' | 'right'): Code =>
      i32.add(words[name], offsetOf(batchOffset, block, name, entry))
    const finishBlock = [
      local.set(row, rowOffset(tile, height, tall)),
      local.set(tile1, i32.sub(rowOffset(tile1, height, tall), row)),
      increase(c, i32.add(i32.mul(row, resultRow), i32.mul(panel, 4 * TILE_WIDTH))),
      local.set(columns, i32.mul(i32.sub(panel1, panel), TILE_WIDTH)),
      local.set(panel, i32.mul(panel, TILE_WIDTH)),
      local.set(last, i32.sub(words.columns, panel)),
      call(finish, block, c, resultRow, row, tile1, panel, least(columns, last)),
    ]
    return [
      code,
      forRange(unit, begin, end, 1, [
        local.set(panel, i32.mul(i32.rem_u(unit, columnBlocks), words.panelsPerBlock)),
        local.set(index, i32.div_u(unit, columnBlocks)),
        local.set(tile, i32.mul(i32.div_u(index, words.sums), words.tilesPerBlock)),
        local.set(index, i32.rem_u(index, words.sums)),
        local.set(tile1, i32.add(tile, words.tilesPerBlock)),
        local.set(tile1, least(tile1, tiles)),
        local.set(panel1, i32.add(panel, words.panelsPerBlock)),
        local.set(panel1, least(panel1, panels)),
        local.set(c, i32.add(words.result, offsetOf(batchOffset, block, 'result', index))),
        local.set(add, words.accumulate),
        local.set(last, i32.mul(i32.add(index, 1), terms)),
        local.set(last, least(last, words.entries)),
        forRange(entry, i32.mul(index, terms), last, 1, [
          call(
            multiplyBlock,
            block,
            operand('left'),
            operand('right'),
            c,
            tile,
            tile1,
            panel,
            panel1,
            scratch,
            add,
          ),
          local.set(add, 1),
        ]),
        when(words.finish, finishBlock),
      ]),
    ]
  })
  return finish
}
