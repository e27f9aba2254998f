import {
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
  type Locals,
  type ModuleBuilder,
  multiplyAdd,
  type Operand,
  shuffle32,
  v128,
  when,
} from '../assembler/index.ts'
import { readArguments } from './arguments.ts'

/** What the code below reads of the arguments of `gemm.ts`. */
export const ROW_ARGUMENTS = [
  'left',
  'right',
  'result',
  'depth',
  'columns',
  'leftDepth',
  'rightDepth',
  'rightColumn',
  'panelsPerBlock',
  'columnBlocks',
  'finish',
] as const
type Words = Readonly<Record<(typeof ROW_ARGUMENTS)[number], Local>>

/** Columns of inner products that are taken side by side. */
const TOGETHER = 8

/** Where a unit works. */
interface Place {
  readonly left: Local
  readonly right: Local
  readonly result: Local
  readonly columns: Local
}

/**
 * A row times a matrix. Every element of the matrix is used once, so it is read where it lies, and memory
 * sets the pace:
 *
 * - steps apart, columns side by side: four scaled rows at a time are added to the result;
 * - columns apart, steps side by side: inner products with eight columns at a time.
 *
 * A unit is `panelsPerBlock` · 8 columns of one batch entry.
 */
export function writeMultiplyRow<const N extends string>(
  builder: ModuleBuilder,
  names: readonly (N | (typeof ROW_ARGUMENTS)[number])[],
  offsetOf: (block: Local, operand: 'left' | 'right' | 'result', index: Local) => Code,
  finish: FunctionHandle,
): void {
  const params = ['i32', 'i32', 'i32', 'i32'] as const
  builder.func({ name: 'multiplyRow', params }, (locals, block, begin, end) => {
    const { code, words } = readArguments(locals, block, names as typeof ROW_ARGUMENTS)
    const [unit, index, column, width] = locals.many('i32', 4)
    const [left, right, result, columns] = locals.many('i32', 4)
    const place = { left, right, result, columns }
    return [
      code,
      local.set(width, i32.shl(words.panelsPerBlock, 3)),
      forRange(unit, begin, end, 1, [
        local.set(column, i32.mul(i32.rem_u(unit, words.columnBlocks), width)),
        local.set(index, i32.div_u(unit, words.columnBlocks)),
        local.set(columns, i32.sub(words.columns, column)),
        local.set(columns, least(columns, width)),
        local.set(left, i32.add(words.left, offsetOf(block, 'left', index))),
        local.set(right, i32.add(words.right, offsetOf(block, 'right', index))),
        increase(right, i32.mul(column, words.rightColumn)),
        local.set(result, i32.add(words.result, offsetOf(block, 'result', index))),
        increase(result, i32.shl(column, 2)),
        when(
          i32.eq(words.rightColumn, 4),
          addRows(builder, locals, words, place),
          innerProducts(builder, locals, words, place),
        ),
        when(words.finish, call(finish, block, result, 0, 0, 1, column, columns)),
      ]),
    ]
  })
}

/** `result = Σₖ left[k] · right[k][…]`, four steps at a time. */
function addRows(
  builder: ModuleBuilder,
  locals: Locals,
  words: Words,
  { left, right, result, columns }: Place,
): Code {
  const [k, column, to, bytes] = locals.many('i32', 4)
  const scales = locals.many('v128', 4)
  const rows = locals.many('i32', 4)
  const x = locals.v128()
  const sum = (count: number, load: (at: Operand) => Code): Code => [
    local.set(x, load(to)),
    scales
      .slice(0, count)
      .map((scale, step) => local.set(x, multiplyAdd(builder.target, scale, load(rows[step]), x))),
  ]
  const steps = (count: number): Code => [
    scales
      .slice(0, count)
      .map((scale, step) => [
        local.set(scale, v128.load32_splat(left)),
        increase(left, words.leftDepth),
        local.set(rows[step], right),
        increase(right, words.rightDepth),
      ]),
    local.set(to, result),
    forRange(column, 0, i32.and(columns, -4), 4, [
      sum(count, (at) => v128.load(at)),
      v128.store(to, x),
      [to, ...rows.slice(0, count)].map((pointer) => increase(pointer, 16)),
    ]),
    forRange(column, 0, i32.and(columns, 3), 1, [
      sum(count, (at) => v128.load32_zero(at)),
      v128.store32_lane(to, 0, x),
      [to, ...rows.slice(0, count)].map((pointer) => increase(pointer, 4)),
    ]),
  ]
  return [
    local.set(bytes, i32.shl(columns, 2)),
    fillZero(result, bytes, column),
    forRange(k, 0, i32.and(words.depth, -4), 4, steps(4)),
    forRange(k, 0, i32.and(words.depth, 3), 1, steps(1)),
  ]
}

function fillZero(start: Local, bytes: Local, at: Local): Code {
  return forRange(at, start, i32.add(start, bytes), 4, f32.store(at, 0))
}

/** `result[n] = Σₖ left[k] · right[n][k]`, both sides dense along k. */
function innerProducts(
  builder: ModuleBuilder,
  locals: Locals,
  words: Words,
  { left, right, result, columns }: Place,
): Code {
  const [column, k, from, rest] = locals.many('i32', 4)
  const [x, total] = [locals.v128(), locals.f32()]
  const sums = locals.many('v128', TOGETHER)
  const rows = locals.many('i32', TOGETHER)
  const some = (count: number): Code => [
    local.set(from, left),
    Array.from({ length: count }, (_, n) => [
      local.set(sums[n], f32x4.splat(0)),
      local.set(rows[n], right),
      increase(right, words.rightColumn),
    ]),
    forRange(k, 0, i32.and(words.depth, -4), 4, [
      local.set(x, v128.load(from)),
      increase(from, 16),
      Array.from({ length: count }, (_, n) => [
        local.set(sums[n], multiplyAdd(builder.target, x, v128.load(rows[n]), sums[n])),
        increase(rows[n], 16),
      ]),
    ]),
    Array.from({ length: count }, (_, n) => [
      local.set(x, f32x4.add(sums[n], shuffle32([2, 3, 0, 1], sums[n], sums[n]))),
      local.set(total, f32.add(f32x4.extract_lane(0, x), f32x4.extract_lane(1, x))),
      // The steps that do not fill a vector.
      local.set(rest, from),
      forRange(k, 0, i32.and(words.depth, 3), 1, [
        local.set(total, f32.add(total, f32.mul(f32.load(rest), f32.load(rows[n])))),
        increase(rest, 4),
        increase(rows[n], 4),
      ]),
      f32.store(result, total, 4 * n),
    ]),
    increase(result, 4 * count),
  ]
  return [
    forRange(column, 0, i32.and(columns, -TOGETHER), TOGETHER, some(TOGETHER)),
    forRange(column, 0, i32.and(columns, TOGETHER - 1), 1, some(1)),
    local.set(result, i32.sub(result, i32.shl(columns, 2))),
  ]
}
