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
  memory,
  type ModuleBuilder,
  multiplyAdd,
  shuffle32,
  v128,
  when,
} from '../assembler/index.ts'
import type { ModuleRecipe } from '../launch.ts'
import { readArguments } from './arguments.ts'
import { finishArguments, writeFinish } from './finish.ts'
import { copyRow, TILE_ROWS } from './plane-copy.ts'

/** The code for `depthwise-plane.ts`; `turned`: the weights lie from the last tap to the first. */
export function depthwisePlaneModule(side: number, stride: 1 | 2, turned: boolean): ModuleRecipe {
  return {
    key: `contract/depthwise-plane-${side}-${stride}${turned ? '-turned' : ''}`,
    write: (builder) => writePlane(builder, side, stride, turned),
  }
}

/** `rows`: of the source that are copied; `pitch` and `bytes` are of the copy, in bytes. */
export const planeArguments = [
  ...finishArguments,
  'source',
  'result',
  'weights',
  'channels',
  'sourceHeight',
  'sourceWidth',
  'rows',
  'resultHeight',
  'resultWidth',
  'left',
  'top',
  'pitch',
  'bytes',
] as const

/** A unit is a plane. */
function writePlane(builder: ModuleBuilder, side: number, stride: 1 | 2, turned: boolean): void {
  const [copyPlaneRow, tile, finish] = [
    writeCopyRow(builder, stride),
    writeTile(builder, side, stride, turned),
    writeFinish(builder, planeArguments),
  ]
  const params = ['i32', 'i32', 'i32', 'i32'] as const
  builder.func({ name: 'plane', params }, (locals, block, begin, end, copy) => {
    const { code, words } = readArguments(locals, block, planeArguments)
    const { sourceHeight, sourceWidth, resultHeight, resultWidth, pitch } = words
    const [plane, channel, weights, result, from, to, row] = locals.many('i32', 7)
    const [u, c, at, lastRow, lastColumn, line] = locals.many('i32', 6)
    const tiles = forRange(row, 0, resultHeight, TILE_ROWS, [
      // The last tiles overlap those before, and compute the same values again.
      local.set(u, least(row, lastRow)),
      forRange(c, 0, resultWidth, 8, [
        local.set(at, least(c, lastColumn)),
        local.set(to, i32.add(result, i32.shl(i32.add(i32.mul(u, resultWidth), at), 2))),
        local.set(at, i32.add(copy, i32.add(i32.mul(u, i32.mul(line, stride)), i32.shl(at, 2)))),
        call(tile, at, line, pitch, weights, to, i32.shl(resultWidth, 2), resultWidth),
      ]),
    ])
    return [
      code,
      memory.fill(copy, 0, words.bytes),
      local.set(line, i32.mul(pitch, stride)),
      local.set(lastRow, i32.sub(resultHeight, TILE_ROWS)),
      local.set(lastColumn, i32.sub(resultWidth, 8)),
      when(i32.lt_s(lastColumn, 0), local.set(lastColumn, 0)),
      forRange(plane, begin, end, 1, [
        local.set(channel, i32.rem_u(plane, words.channels)),
        local.set(weights, i32.add(words.weights, i32.mul(channel, 4 * side * side))),
        local.set(from, i32.shl(i32.mul(plane, i32.mul(sourceHeight, sourceWidth)), 2)),
        increase(from, words.source),
        local.set(to, i32.add(copy, i32.mul(words.top, line))),
        forRange(row, 0, words.rows, 1, [
          call(copyPlaneRow, from, to, sourceWidth, words.left, pitch),
          increase(from, i32.shl(sourceWidth, 2)),
          increase(to, line),
        ]),
        local.set(result, i32.shl(i32.mul(plane, i32.mul(resultHeight, resultWidth)), 2)),
        increase(result, words.result),
        tiles,
        when(words.finish, call(finish, block, result, 0, channel, 1, 0, i32.mul(resultHeight, resultWidth))),
      ]),
    ]
  })
}

/** `(source row, row of the copy, width, columns before it, bytes from even columns to odd ones)` */
function writeCopyRow(builder: ModuleBuilder, stride: 1 | 2): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params }, (locals, from, to, width, left, pitch) => {
    const [x, even, odd] = locals.many('i32', 3)
    const [a, b] = locals.many('v128', 2)
    if (stride === 1) {
      return [increase(to, i32.shl(left, 2)), copyRow(x, from, to, width)]
    }
    // Pixel 0 is an even column of the copy, or an odd one.
    const shifted = i32.and(left, 1)
    const pairs = [
      local.set(a, v128.load(i32.add(from, i32.shl(x, 2)))),
      local.set(b, v128.load(i32.add(from, i32.shl(x, 2)), 16)),
      v128.store(even, shuffle32([0, 2, 4, 6], a, b)),
      v128.store(odd, shuffle32([1, 3, 5, 7], a, b)),
      increase(even, 16),
      increase(odd, 16),
    ]
    return [
      local.set(even, i32.add(to, i32.shl(i32.shr_u(i32.add(left, 1), 1), 2))),
      local.set(odd, i32.add(i32.add(to, i32.shl(i32.shr_u(left, 1), 2)), pitch)),
      when(shifted, [
        local.set(even, i32.add(to, i32.add(pitch, i32.shl(i32.shr_u(left, 1), 2)))),
        local.set(odd, i32.add(to, i32.shl(i32.shr_u(i32.add(left, 1), 1), 2))),
      ]),
      forRange(x, 0, i32.and(width, -8), 8, pairs),
      forRange(x, x, width, 2, [
        f32.store(even, f32.load(i32.add(from, i32.shl(x, 2)))),
        increase(even, 4),
        when(i32.lt_s(i32.add(x, 1), width), [
          f32.store(odd, f32.load(i32.add(from, i32.shl(x, 2)), 4)),
          increase(odd, 4),
        ]),
      ]),
    ]
  })
}

/**
 * `(copy, bytes of a row of the copy, bytes of a phase of it, weights, result, bytes of a row of it, columns)`:
 * four rows × eight columns, of which only as many are stored as there are.
 */
function writeTile(builder: ModuleBuilder, side: number, stride: 1 | 2, turned: boolean): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params }, (locals, copy, line, phase, weights, to, toRow, columns) => {
    const rows = locals.many('i32', TILE_ROWS)
    const sums = locals.many('v128', 2 * TILE_ROWS)
    const [i, splat] = [locals.i32(), locals.v128()]
    const tap = (j: number): Code => [
      local.set(splat, v128.load32_splat(weights, 4 * (turned ? side - 1 - j : j))),
      sums.map((sum, k) => {
        const pixels = v128.load(rows[k >> 1], 4 * Math.floor(j / stride) + 16 * (k % 2))
        return local.set(sum, multiplyAdd(builder.target, splat, pixels, sum))
      }),
    ]
    const taps = Array.from({ length: side }, (_, j) => j)
    const moveRows = (bytes: Code): Code => rows.map((row) => increase(row, bytes))
    const nextLine = stride === 1 ? local.get(line) : i32.sub(line, phase)
    const some = (count: number, code: Code): Code => when(i32.gt_s(columns, count), code)
    return [
      rows.map((row, r) =>
        local.set(row, r === 0 ? copy : i32.add(rows[r - 1], stride === 1 ? line : i32.shl(line, 1))),
      ),
      // Turned, they are given by their last one.
      turned ? increase(weights, -4 * (side - 1)) : [],
      sums.map((sum) => local.set(sum, f32x4.splat(0))),
      forRange(i, 0, side, 1, [
        taps.filter((j) => j % stride === 0).map(tap),
        stride === 2 ? [moveRows(local.get(phase)), taps.filter((j) => j % 2 === 1).map(tap)] : [],
        moveRows(nextLine),
        increase(weights, turned ? -4 * side : 4 * side),
      ]),
      sums.map((sum, k) => [
        k % 2 === 0
          ? v128.store(to, sum)
          : [
              when(i32.ge_s(columns, 8), v128.store(to, sum, 16), [
                some(4, v128.store32_lane(to, 0, sum, 16)),
                some(5, v128.store32_lane(to, 1, sum, 20)),
                some(6, v128.store32_lane(to, 2, sum, 24)),
              ]),
              increase(to, toRow),
            ],
      ]),
    ]
  })
}
