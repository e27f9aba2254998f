import type { Body, Load } from '../../../schedule/kernels.ts'
import {
  call,
  type Code,
  f32,
  f32x4,
  forRange,
  type FunctionHandle,
  i32,
  i32x4,
  increase,
  local,
  type Local,
  type ModuleBuilder,
  multiplyAdd,
  select,
  shuffle32,
  v128,
  when,
} from '../assembler/index.ts'
import { runTimeValue, slotAddress, type Word } from '../launch.ts'
import { type FinishShape, matchFinish, MOST_STEPS, type RowStep } from './match-finish.ts'

// The epilogues that nearly all layers have (`match-finish.ts`) are done at once on each block of results,
// while it is in the caches. All others are a pass of their own (`epilogue.ts`).

const steps = [0, 1, 2, 3] as const satisfies { readonly length: typeof MOST_STEPS }
const operands = ['accumulator', 'residual'] as const
type Operand = (typeof operands)[number]

/**
 * Strides in bytes; `start` is the address of the result, to which `residual` and `mask` are parallel. A step
 * has an operation, the address of a row's number, and the distance to that of the next row.
 */
export const finishArguments = [
  'finish',
  'start',
  'column',
  'residual',
  'relu',
  'mask',
  'threshold',
  'fill',
  ...operands.flatMap((operand) => [
    `${operand}Steps` as const,
    ...steps.flatMap((k) => [`${operand}Op${k}`, `${operand}At${k}`, `${operand}Row${k}`] as const),
  ]),
] as const
export type FinishArgument = (typeof finishArguments)[number]
export type FinishWords = Readonly<Record<FinishArgument, Word | number>>

const [SUM, MASK] = [1, 2]
const codes: Readonly<Record<RowStep['op'], number>> = { add: 0, sub: 1, mul: 2, again: 3 }
/** Added to the code of an operation whose number stands in the place of its address. */
const IMMEDIATE = 4

/** No epilogue at all. */
export const noFinish = Object.fromEntries(finishArguments.map((name) => [name, 0])) as FinishWords

/** The words for an epilogue; undefined if it cannot be done block by block. */
export function finishWords(body: Body, place: FinishShape): FinishWords | undefined {
  const finish = matchFinish(body, place)
  if (finish === undefined) return undefined
  const { column, residual, relu, mask } = finish
  const sum = relu || column !== undefined || residual !== undefined || finish.steps.length > 0
  return {
    ...noFinish,
    ...stepWords('accumulator', finish.steps),
    ...stepWords('residual', residual?.steps ?? []),
    finish: (sum ? SUM : 0) + (mask ? MASK : 0),
    start: addressOf(place.store),
    column: column ? addressOf(column) : 0,
    residual: residual ? addressOf(residual.load) : 0,
    relu: relu ? -1 : 0,
    mask: mask ? addressOf(mask.load) : 0,
    threshold: mask ? runTimeValue(mask.threshold, 'f32') : 0,
    fill: mask ? runTimeValue(mask.fill, 'f32') : 0,
  }
}

function addressOf({ slot, offset }: Pick<Load, 'slot' | 'offset'>): Word {
  return slotAddress(slot, 4 * offset)
}

function stepWords(operand: Operand, list: readonly RowStep[]): Partial<FinishWords> {
  const words: Partial<Record<FinishArgument, Word | number>> = { [`${operand}Steps`]: list.length }
  for (const k of steps.slice(0, list.length)) {
    const { op, number } = list[k]
    words[`${operand}Op${k}`] = codes[op] + (number.load ? 0 : IMMEDIATE)
    words[`${operand}At${k}`] = number.load ? addressOf(number.load) : runTimeValue(number.value, 'f32')
    words[`${operand}Row${k}`] = number.load ? 4 * number.stride : 0
  }
  return words
}

/** `(steps, row)`: the factor and the summand that a row's steps amount to, in the first two lanes. */
function writeRowSteps(builder: ModuleBuilder): FunctionHandle {
  return builder.func(
    { params: ['i32', 'i32'], results: ['v128'] },
    (locals, at, row) => {
      const [k, count, op, address] = locals.many('i32', 4)
      const [factor, summand, number] = [locals.f32(), locals.f32(), locals.f32()]
      return [
        local.set(factor, f32.const(1)),
        // −0 is what leaves every number as it is.
        local.set(summand, f32.const(-0)),
        local.set(count, i32.load(at)),
        forRange(k, 0, count, 1, [
          local.set(op, i32.load(at, 4)),
          local.set(address, i32.add(i32.load(at, 8), i32.mul(row, i32.load(at, 12)))),
          local.set(number, f32.load(select(i32.add(at, 8), address, i32.and(op, IMMEDIATE)))),
          local.set(op, i32.and(op, IMMEDIATE - 1)),
          when(
            i32.eq(op, codes.mul),
            [
              local.set(factor, f32.mul(factor, number)),
              // A zero keeps its sign, or it would change that of zeros.
              when(f32.ne(summand, 0), local.set(summand, f32.mul(summand, number))),
            ],
            when(
              i32.eq(op, codes.again),
              local.set(factor, f32.add(factor, f32.const(1))),
              [
                when(op, local.set(number, f32.neg(number))),
                local.set(summand, f32.add(summand, number)),
              ],
            ),
          ),
          increase(at, 12),
        ]),
        f32x4.replace_lane(1, f32x4.splat(factor), summand),
      ]
    },
  )
}

/**
 * `(arguments, c, row stride of c, first row, rows, first column, columns)`: finishes a block of results in
 * place.
 */
// oxlint-disable-next-line max-lines-per-function -- the loops over a block, to be read at one sight
export function writeFinish<const N extends string>(
  builder: ModuleBuilder,
  names: readonly (N | FinishArgument)[],
): FunctionHandle {
  const rowSteps = writeRowSteps(builder)
  const position = (name: FinishArgument): number => 4 * (names as readonly string[]).indexOf(name)
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  // oxlint-disable-next-line max-lines-per-function -- the loops over a block, to be read at one sight
  return builder.func({ params }, (locals, block, c, stride, row0, rows, column0, columns) => {
    const word = (name: FinishArgument): Code => i32.load(block, position(name))
    const [start, column, residual, mask, first] = locals.many('i32', 5)
    const [row, k, to, from, other] = locals.many('i32', 5)
    const [factor, summand, residualFactor, residualSummand] = locals.many('v128', 4)
    const [threshold, fill, clear, x] = locals.many('v128', 4)
    const setSteps = (operand: Operand, scale: Local, shift: Local): Code => [
      local.set(x, call(rowSteps, i32.add(block, position(`${operand}Steps`)), i32.add(row0, row))),
      local.set(scale, shuffle32([0, 0, 0, 0], x, x)),
      local.set(shift, shuffle32([1, 1, 1, 1], x, x)),
    ]
    /** One row: whole vectors, then single elements. */
    const eachElement = (result: (load: (at: Local) => Code) => Code): Code => {
      const some = (count: number, last: Code, load: (at: Local) => Code, store: Code): Code =>
        forRange(k, count === 4 ? 0 : k, last, count, [
          local.set(x, result(load)),
          store,
          [to, from, other].map((pointer) => increase(pointer, 4 * count)),
        ])
      return [
        local.set(to, c),
        some(4, i32.and(columns, -4), (at) => v128.load(at), v128.store(to, x)),
        some(1, local.get(columns), (at) => v128.load32_zero(at), v128.store32_lane(to, 0, x)),
      ]
    }
    const eachRow = (body: Code): Code => forRange(row, 0, rows, 1, [body, increase(c, stride)])
    const parallel = (base: Local): Code => i32.add(c, i32.sub(base, start))
    const stepped = (load: (at: Local) => Code): Code =>
      multiplyAdd(builder.target, load(to), factor, summand)
    // Clears what is not above zero, but for NaN.
    const activated = (value: Code): Code => [
      local.set(x, value),
      v128.andnot(x, v128.and(f32x4.le(x, 0), clear)),
    ]
    const withResidual = (load: (at: Local) => Code): Code =>
      f32x4.add(stepped(load), multiplyAdd(builder.target, load(from), residualFactor, residualSummand))
    const sum = eachRow([
      setSteps('accumulator', factor, summand),
      when(residual, [setSteps('residual', residualFactor, residualSummand), local.set(from, parallel(residual))]),
      local.set(other, i32.add(column, i32.shl(column0, 2))),
      when(
        column,
        when(
          residual,
          eachElement((load) => activated(f32x4.add(withResidual(load), load(other)))),
          eachElement((load) => activated(f32x4.add(stepped(load), load(other)))),
        ),
        when(
          residual,
          eachElement((load) => activated(withResidual(load))),
          eachElement((load) => activated(stepped(load))),
        ),
      ),
    ])
    const masked = eachRow([
      local.set(from, parallel(mask)),
      eachElement((load) => v128.bitselect(fill, load(to), f32x4.le(load(from), threshold))),
    ])
    return [
      local.set(start, word('start')),
      local.set(column, word('column')),
      local.set(residual, word('residual')),
      local.set(mask, word('mask')),
      local.set(clear, i32x4.splat(word('relu'))),
      local.set(threshold, i32x4.splat(word('threshold'))),
      local.set(fill, i32x4.splat(word('fill'))),
      when(i32.and(word('finish'), SUM), [local.set(first, c), sum, local.set(c, first)]),
      when(i32.and(word('finish'), MASK), masked),
    ]
  })
}
