import {
  type Code,
  f32x4,
  forRange,
  i32,
  i32x4,
  increase,
  local,
  type Local,
  type ModuleBuilder,
  type Operand,
  shuffle32,
  v128,
  when,
  whileTrue,
} from '../assembler/index.ts'
import { finishLanes, loadLane, loadLanes, storeLane, storeLanes } from '../body/lanes.ts'
import { readArguments } from '../contract/arguments.ts'
import { MathLibrary } from '../math/library.ts'
import { Fold } from './fold.ts'
import { shiftOf, windowSizes } from './window.ts'

type PoolMode = 'max' | 'argmax' | 'sum'
type PoolType = 'float32' | 'int32' | 'uint8'

/**
 * Rows of pooled values, four neighbours at a time. Where all four windows lie inside of the plane their elements are
 * read as vectors (`stride` 1 or 2), else lane by lane.
 */
// oxlint-disable-next-line max-lines-per-function -- one kernel, read from top to bottom
export function writePool(builder: ModuleBuilder, mode: PoolMode, dtype: PoolType, stride: number): void {
  const fold = new Fold(new MathLibrary(builder), mode === 'sum' ? 'sum' : 'max', dtype)
  const shift = shiftOf(dtype)
  const outType = mode === 'argmax' ? 'int32' : dtype
  const outShift = shiftOf(outType)
  // oxlint-disable-next-line max-lines-per-function -- the kernel itself
  builder.func({ name: 'pool', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, args, begin, end) => {
    const [unit, plane, x, y, ky, kx, row, column, first, target, lastColumn] = locals.many('i32', 11)
    const [value, best, where] = locals.many('v128', 3)
    const { code, words: g } = readArguments(locals, args, ['load', 'store', ...windowSizes])
    const planeBytes = i32.shl(i32.mul(g.inputHeight, g.inputWidth), shift)
    /** Column of window element kx of output x + lane. */
    const columnOf = (lane: number): Code => i32.add(column, i32.mul(g.strideWidth, lane))
    const insideRow = (at: Operand): Code => i32.lt_u(at, g.inputWidth)
    const address = (at: Operand): Code => i32.add(first, i32.shl(at, shift))
    const take =
      mode === 'argmax'
        ? takeIndex(dtype, g.inputWidth, { value, best, where, row, column, stride: g.strideWidth })
        : fold.into(best, value)
    const lanes = [0, 1, 2, 3].map((lane) =>
      when(i32.and(insideRow(columnOf(lane)), i32.lt_u(i32.add(x, lane), g.outputWidth)), [
        // Lane by lane into a vector of what never wins; widened types are exact because only that lane is replaced.
        local.set(value, replaceLane(dtype, lane, value, address(columnOf(lane)))),
      ]),
    )
    const edge = [local.set(value, fold.identity), lanes]
    const vector =
      stride === 0
        ? edge
        : when(
            i32.and(
              i32.ge_s(column, 0),
              i32.and(i32.lt_s(columnOf(3), g.inputWidth), i32.le_u(i32.add(x, 4), g.outputWidth)),
            ),
            local.set(value, readVector(dtype, stride, address(column), shift)),
            edge,
          )
    const overWindow = forRange(ky, 0, g.kernelHeight, 1, [
      local.set(
        row,
        i32.sub(i32.add(i32.mul(y, g.strideHeight), i32.mul(ky, g.dilationHeight)), g.paddingTop),
      ),
      when(i32.lt_u(row, g.inputHeight), [
        local.set(
          first,
          i32.add(i32.add(g.load, i32.mul(plane, planeBytes)), i32.shl(i32.mul(row, g.inputWidth), shift)),
        ),
        forRange(kx, 0, g.kernelWidth, 1, [
          local.set(
            column,
            i32.sub(i32.add(i32.mul(x, g.strideWidth), i32.mul(kx, g.dilationWidth)), g.paddingLeft),
          ),
          vector,
          take,
        ]),
      ]),
    ])
    const result = mode === 'argmax' ? where : best
    return [
      code,
      forRange(unit, begin, end, 1, [
        local.set(plane, i32.div_u(unit, g.outputHeight)),
        local.set(y, i32.rem_u(unit, g.outputHeight)),
        local.set(target, i32.add(g.store, i32.shl(i32.mul(unit, g.outputWidth), outShift))),
        local.set(x, i32.const(0)),
        whileTrue(i32.lt_u(x, g.outputWidth), [
          local.set(best, fold.identity),
          local.set(where, i32x4.const([-1, -1, -1, -1])),
          overWindow,
          local.set(lastColumn, i32.sub(g.outputWidth, x)),
          when(
            i32.ge_u(lastColumn, 4),
            storeLanes(outType, target, result),
            [0, 1, 2].map((lane) =>
              when(
                i32.gt_u(lastColumn, lane),
                storeLane(outType, lane, i32.add(target, lane << outShift), result),
              ),
            ),
          ),
          increase(target, 4 << outShift),
          increase(x, 4),
        ]),
      ]),
    ]
  })
}

/** One lane of `vector` from memory. */
function replaceLane(dtype: PoolType, lane: number, vector: Local, address: Code): Code {
  if (dtype !== 'uint8') return loadLane(dtype, lane, address, vector)
  return i32x4.replace_lane(lane, vector, i32.load8_u(address))
}

/** Four elements that lie `stride` apart. */
function readVector(dtype: PoolType, stride: number, address: Code, shift: number): Code {
  const low = loadLanes(dtype, address)
  return stride === 1
    ? low
    : shuffle32([0, 2, 4, 6], low, finishLanes(dtype, loadLanes(dtype, address, 4 << shift)))
}

interface Running {
  readonly value: Local
  readonly best: Local
  readonly where: Local
  readonly row: Local
  readonly column: Local
  readonly stride: Local
}

/** Keeps the greater value and its position in the plane: the first of equals, the first NaN. */
function takeIndex(
  dtype: PoolType,
  width: Local,
  { value, best, where, row, column, stride }: Running,
): Code {
  const columns = i32x4.add(i32x4.splat(column), i32x4.mul(i32x4.splat(stride), i32x4.const([0, 1, 2, 3])))
  const position = i32x4.add(i32x4.splat(i32.mul(row, width)), columns)
  const inside = i32x4.lt_u(columns, i32x4.splat(width))
  const isNewNaN = v128.andnot(f32x4.ne(value, value), f32x4.ne(best, best))
  const greater = dtype === 'float32' ? v128.or(f32x4.gt(value, best), isNewNaN) : i32x4.gt_s(value, best)
  // What comes first is taken even if it is −∞.
  const wins = v128.and(inside, v128.or(greater, i32x4.lt_s(where, 0)))
  return [
    local.set(where, v128.bitselect(position, where, wins)),
    local.set(best, v128.bitselect(value, best, wins)),
  ]
}
