import {
  call,
  type Code,
  forRange,
  i32,
  i32x4,
  increase,
  local,
  type Local,
  type ModuleBuilder,
  type Operand,
  select,
  shuffle32,
  v128,
  when,
} from '../assembler/index.ts'
import type { ModuleRecipe } from '../launch.ts'
import { readArguments } from './arguments.ts'
import { finishArguments, writeFinish } from './finish.ts'

/** The last step of `strided-gradient.ts`. */
export const interleaveModule: ModuleRecipe = { key: 'contract/interleave', write: writeInterleave }

/** After them follow the offsets of the phases, row by row. */
export const interleaveArguments = [
  ...finishArguments,
  'result',
  'channels',
  'phases',
  'height',
  'width',
  'strideHeight',
  'strideWidth',
] as const

/** The offset of a phase that is zero everywhere. */
export const NOTHING = -1

/** `result[a + strideHeight · y][b + strideWidth · x] = phase (a, b)[y][x]`. A unit is a plane, which is finished too. */
// oxlint-disable-next-line max-lines-per-function -- the loops over one plane, to be read at one sight
function writeInterleave(builder: ModuleBuilder): void {
  const finish = writeFinish(builder, interleaveArguments)
  const params = ['i32', 'i32', 'i32', 'i32'] as const
  // oxlint-disable-next-line max-lines-per-function -- the loops over one plane, to be read at one sight
  builder.func({ name: 'interleave', params }, (locals, block, begin, end) => {
    const { code, words } = readArguments(locals, block, interleaveArguments)
    const { height, width, strideHeight, strideWidth } = words
    const [plane, row, a, b, to, at, x, offset, line, pairs] = locals.many('i32', 10)
    const [first, second] = [locals.many('i32', 2), locals.many('i32', 2)]
    const masks = locals.many('v128', 2)
    const rounded = (size: Code, stride: Local): Code => i32.div_u(i32.sub(i32.add(size, stride), 1), stride)
    /** Where the row of phase (a, b) lies, and a mask: a phase of zeros reads the result itself, masked. */
    const findRow = (column: Operand, [from, mask]: readonly [Local, Local]): Code => [
      local.set(offset, i32.add(block, i32.shl(i32.add(i32.mul(a, strideWidth), column), 2))),
      local.set(offset, i32.load(offset, 4 * interleaveArguments.length)),
      local.set(mask, i32.sub(0, i32.ne(offset, NOTHING))),
      local.set(line, i32.mul(plane, rounded(i32.sub(height, a), strideHeight))),
      local.set(line, i32.add(line, i32.div_u(row, strideHeight))),
      local.set(from, i32.mul(line, rounded(i32.sub(width, column), strideWidth))),
      local.set(from, i32.add(i32.add(words.phases, offset), i32.shl(from, 2))),
      local.set(from, select(from, to, mask)),
    ]
    const masked = ([from]: readonly [Local, Local], k: 0 | 1): Code => v128.and(v128.load(from), masks[k])
    const [even, odd] = [masked(first, 0), masked(second, 1)]
    /** Two columns of phases, four pixels of each at a time. */
    const inPairs = [
      findRow(0, first),
      findRow(1, second),
      local.set(masks[0], i32x4.splat(first[1])),
      local.set(masks[1], i32x4.splat(second[1])),
      local.set(pairs, i32.and(i32.shr_u(width, 1), -4)),
      forRange(x, 0, pairs, 4, [
        v128.store(at, shuffle32([0, 4, 1, 5], even, odd)),
        v128.store(at, shuffle32([2, 6, 3, 7], even, odd), 16),
        increase(at, 32),
        increase(first[0], 16),
        increase(second[0], 16),
      ]),
    ]
    const inSingles = forRange(b, 0, strideWidth, 1, [
      when(i32.lt_u(b, width), [
        findRow(b, first),
        increase(first[0], i32.and(i32.shl(pairs, 2), first[1])),
        local.set(at, i32.add(to, i32.shl(i32.add(b, i32.mul(pairs, strideWidth)), 2))),
        forRange(x, pairs, rounded(i32.sub(width, b), strideWidth), 1, [
          i32.store(at, i32.and(i32.load(first[0]), first[1])),
          increase(first[0], 4),
          increase(at, i32.shl(strideWidth, 2)),
        ]),
      ]),
    ])
    return [
      code,
      forRange(plane, begin, end, 1, [
        forRange(row, 0, height, 1, [
          local.set(a, i32.rem_u(row, strideHeight)),
          local.set(to, i32.add(i32.mul(plane, height), row)),
          local.set(to, i32.add(words.result, i32.shl(i32.mul(to, width), 2))),
          local.set(at, to),
          local.set(pairs, 0),
          when(i32.eq(strideWidth, 2), when(i32.ge_u(width, 8), inPairs)),
          inSingles,
        ]),
        when(words.finish, [
          local.set(x, i32.mul(height, width)),
          local.set(to, i32.add(words.result, i32.shl(i32.mul(plane, x), 2))),
          call(finish, block, to, 0, i32.rem_u(plane, words.channels), 1, 0, x),
        ]),
      ]),
    ]
  })
}
