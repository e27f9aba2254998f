import type { Access, Body, Instruction, Load } from '../../../schedule/kernels.ts'
import {
  type Code,
  f32x4,
  forRange,
  type FunctionHandle,
  i32,
  i32x4,
  increase,
  local,
  type ModuleBuilder,
  v128,
  when,
} from '../assembler/index.ts'
import { runTimeValue, slotAddress, type Word } from '../launch.ts'
import { readArguments } from './arguments.ts'

/**
 * The epilogues that nearly all layers have are done at once on each block of results, while it is in the
 * caches:
 *
 * - `accumulator + bias`, then perhaps `relu`: the bias lies along the rows or along the columns of the
 *   product;
 * - `where(mask ≤ threshold, fill, accumulator)`: the gradient of a relu.
 *
 * All others are a pass of their own (`epilogue.ts`).
 */
type Finish =
  | { readonly kind: 'none' }
  | { readonly kind: 'activation'; readonly bias: Load | undefined; readonly relu: boolean }
  | { readonly kind: 'mask'; readonly mask: Load; readonly threshold: number; readonly fill: number }

/** Which of them an epilogue is; undefined for any other. */
function matchFinish({ loads, instructions }: Body, store: Access): Finish | undefined {
  const plain = loads.every(({ dtype, bounds }) => dtype === 'float32' && bounds === undefined)
  if (!plain || store.dtype !== 'float32') return undefined
  const last = instructions.at(-1)!
  return matchMask(loads, instructions, last) ?? matchActivation(loads, instructions, last)
}

function matchActivation(
  loads: readonly Load[],
  instructions: readonly Instruction[],
  last: Instruction,
): Finish | undefined {
  const relu = last.op === 'relu'
  const sum = relu ? instructions[last.args[0]] : last
  if (sum.op === 'accumulator') return relu ? { kind: 'activation', bias: undefined, relu } : { kind: 'none' }
  if (sum.op !== 'add') return undefined
  const [a, b] = sum.args.map((index) => instructions[index]) as [Instruction, Instruction]
  const [accumulator, other] = a.op === 'accumulator' ? [a, b] : [b, a]
  if (accumulator.op !== 'accumulator' || other.op !== 'load') return undefined
  return { kind: 'activation', bias: loads[other.load], relu }
}

function matchMask(
  loads: readonly Load[],
  instructions: readonly Instruction[],
  last: Instruction,
): Finish | undefined {
  if (last.op !== 'where') return undefined
  const [condition, fill, accumulator] = last.args.map((index) => instructions[index]) as [
    Instruction,
    Instruction,
    Instruction,
  ]
  if (condition.op !== 'lessEqual' || fill.op !== 'value' || accumulator.op !== 'accumulator')
    return undefined
  const [mask, threshold] = condition.args.map((index) => instructions[index]) as [Instruction, Instruction]
  if (mask.op !== 'load' || threshold.op !== 'value') return undefined
  return { kind: 'mask', mask: loads[mask.load], threshold: threshold.value, fill: fill.value }
}

/** How the axes of an epilogue are the rows and columns of a product. Strides in elements. */
export interface FinishShape {
  /** The axis along which rows go, and the one along which columns go, if a bias may vary along them. */
  readonly row: number | undefined
  readonly column: number | undefined
  readonly shape: readonly number[]
  readonly store: Access
}

/** Strides in bytes; `mask` is the mask of the element at `maskStart`. */
export const finishArguments = [
  'finish',
  'bias',
  'biasRow',
  'biasColumn',
  'relu',
  'mask',
  'maskStart',
  'threshold',
  'fill',
] as const
export type FinishArgument = (typeof finishArguments)[number]
export type FinishWords = Readonly<Record<FinishArgument, Word | number>>

const ACTIVATION = 1
const MASK = 2
/** No epilogue at all. */
export const noFinish: FinishWords = {
  finish: 0,
  bias: 0,
  biasRow: 0,
  biasColumn: 0,
  relu: 0,
  mask: 0,
  maskStart: 0,
  threshold: 0,
  fill: 0,
}

/** The words for an epilogue; undefined if it cannot be done block by block. */
export function finishWords(body: Body, place: FinishShape): FinishWords | undefined {
  const finish = matchFinish(body, place.store)
  if (finish === undefined) return undefined
  if (finish.kind === 'none') return noFinish
  if (finish.kind === 'activation') {
    const bias = finish.bias ? biasWords(finish.bias, place) : { biasColumn: 0, biasRow: 0, bias: 0 }
    return bias && { ...noFinish, finish: ACTIVATION, relu: finish.relu ? -1 : 0, ...bias }
  }
  const { mask, threshold, fill } = finish
  const parallel = place.shape.every(
    (size, axis) => size === 1 || mask.strides[axis] === place.store.strides[axis],
  )
  if (!parallel) return undefined
  return {
    ...noFinish,
    finish: MASK,
    mask: slotAddress(mask.slot, 4 * mask.offset),
    maskStart: slotAddress(place.store.slot, 4 * place.store.offset),
    threshold: runTimeValue(threshold, 'f32'),
    fill: runTimeValue(fill, 'f32'),
  }
}

function biasWords(
  { slot, offset, strides }: Load,
  { row, column, shape }: FinishShape,
): Pick<FinishWords, 'bias' | 'biasRow' | 'biasColumn'> | undefined {
  const along = (axis: number | undefined): number =>
    axis === undefined || shape[axis] === 1 ? 0 : strides[axis]
  const elsewhere = shape.some(
    (size, axis) => axis !== row && axis !== column && size !== 1 && strides[axis] !== 0,
  )
  const [biasRow, biasColumn] = [along(row), along(column)]
  // Vectors are read along columns, so the bias is one number there or lies densely.
  if (elsewhere || (biasColumn !== 0 && biasColumn !== 1)) return undefined
  return { bias: slotAddress(slot, 4 * offset), biasRow: 4 * biasRow, biasColumn: 4 * biasColumn }
}

/**
 * `(arguments, c, row stride of c, first row, rows, first column, columns)`: finishes a block of results in
 * place.
 */
// oxlint-disable-next-line max-lines-per-function -- three loops that differ in one line each
export function writeFinish<const N extends string>(
  builder: ModuleBuilder,
  names: readonly (N | FinishArgument)[],
): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params }, (locals, block, c, stride, row0, rows, column0, columns) => {
    const { code, words } = readArguments<FinishArgument>(locals, block, names as readonly FinishArgument[])
    const [row, k, to, from] = [locals.i32(), locals.i32(), locals.i32(), locals.i32()]
    const [bias, relu, threshold, fill] = locals.many('v128', 4)
    const x = locals.v128()
    const activation = (added: Code): Code => [
      local.set(x, f32x4.add(x, added)),
      // Clears what is not above zero, but for NaN.
      v128.andnot(x, v128.and(f32x4.le(x, 0), relu)),
    ]
    const masked = (mask: Code): Code => v128.bitselect(fill, x, f32x4.le(mask, threshold))
    /** One row: whole vectors, then single elements. */
    const each = (result: (vector: boolean) => Code): Code => [
      local.set(to, c),
      forRange(k, 0, i32.and(columns, -4), 4, [
        local.set(x, v128.load(to)),
        v128.store(to, result(true)),
        increase(to, 16),
        increase(from, 16),
      ]),
      forRange(k, k, columns, 1, [
        local.set(x, v128.load32_zero(to)),
        v128.store32_lane(to, 0, result(false)),
        increase(to, 4),
        increase(from, 4),
      ]),
    ]
    const load = (vector: boolean): Code => (vector ? v128.load(from) : v128.load32_zero(from))
    const eachRow = (body: Code): Code => forRange(row, 0, rows, 1, [body, increase(c, stride)])
    const biasAt = i32.add(words.bias, i32.mul(i32.add(row0, row), words.biasRow))
    return [
      code,
      local.set(relu, i32x4.splat(words.relu)),
      when(i32.eq(words.finish, ACTIVATION), [
        when(
          words.biasColumn,
          eachRow([
            local.set(from, i32.add(biasAt, i32.shl(column0, 2))),
            each((vector) => activation(load(vector))),
          ]),
          eachRow([
            // −0 is what leaves every number as it is.
            local.set(bias, f32x4.splat(-0)),
            when(words.bias, local.set(bias, v128.load32_splat(biasAt))),
            each(() => activation(local.get(bias))),
          ]),
        ),
      ]),
      when(i32.eq(words.finish, MASK), [
        local.set(threshold, i32x4.splat(words.threshold)),
        local.set(fill, i32x4.splat(words.fill)),
        eachRow([
          local.set(from, i32.add(c, i32.sub(words.mask, words.maskStart))),
          each((vector) => masked(load(vector))),
        ]),
      ]),
    ]
  })
}
