import {
  call,
  type Code,
  f32x4,
  forRange,
  type FunctionHandle,
  i32,
  increase,
  local,
  type ModuleBuilder,
  multiplyAdd,
  v128,
  when,
} from '../../assembler/index.ts'

/** A row of a register tile: one of four channels of one of two neighbouring quarters. */
type Row = readonly [quarter: 0 | 1, lane: number]

/** Twelve channels are two tiles of six rows, each over two quarters; what is left are tiles of four. */
const fourRows: readonly Row[] = [0, 1, 2, 3].map((lane) => [0, lane])
const firstSix: readonly Row[] = [...fourRows, [1, 0], [1, 1]]
const lastSix: readonly Row[] = [[0, 2], [0, 3], ...fourRows.map(([, lane]): Row => [1, lane])]

/**
 * The matrix product of one plane, over tiles, with eight channels of the gradient: `(image data [C/4][tile]
 * [4], gradients [2][tile][4], sums [2][channel][4], tiles, tile stride, C/4, bytes between the halves of the
 * sums, first)` sets or, unless `first`, adds to the sums.
 */
export function writeMultiplyGradients(builder: ModuleBuilder): FunctionHandle {
  const four = writeTile(builder, fourRows)
  // A product of its own, where there is no fused multiply-add, takes a register that six rows need.
  const six = builder.target.relaxedSimd
    ? [writeTile(builder, firstSix), writeTile(builder, lastSix)]
    : undefined
  return builder.func(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] },
    (locals, data, gradients, sums, tiles, stride, quarters, half, first) => {
      const quarter = locals.i32()
      const multiply = (tile: FunctionHandle, rows: number): Code => [
        call(tile, data, gradients, sums, tiles, stride, half, first),
        increase(sums, 16 * rows),
      ]
      return [
        six === undefined
          ? []
          : forRange(quarter, 3, i32.add(quarters, 1), 3, [
              multiply(six[0], 6),
              increase(data, stride),
              multiply(six[1], 6),
              increase(data, i32.shl(stride, 1)),
            ]),
        forRange(quarter, six === undefined ? 0 : i32.sub(quarters, i32.rem_u(quarters, 3)), quarters, 1, [
          multiply(four, 4),
          increase(data, stride),
        ]),
      ]
    },
  )
}

/** `(data, gradients, sums, tiles, tile stride, bytes between the halves of the sums, first)`. */
function writeTile(builder: ModuleBuilder, rows: readonly Row[]): FunctionHandle {
  return builder.func(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] },
    (locals, data, gradients, sums, tiles, stride, half, first) => {
      const held = locals.many('v128', 2 * rows.length)
      const [left, right, splat] = locals.many('v128', 3)
      const [tile, next, other] = locals.many('i32', 3)
      const step = (t: number): Code => [
        local.set(left, v128.load(gradients, 16 * t)),
        local.set(right, v128.load(other, 16 * t)),
        rows.map(([quarter, lane], row) => [
          local.set(splat, v128.load32_splat(quarter === 0 ? data : next, 16 * t + 4 * lane)),
          [left, right].map((vector, k) => {
            const sum = held[2 * row + k]
            return local.set(sum, multiplyAdd(builder.target, splat, vector, sum))
          }),
        ]),
      ]
      const steps = (count: number): Code => [
        Array.from({ length: count }, (_, t) => step(t)),
        [data, next, gradients, other].map((pointer) => increase(pointer, 16 * count)),
      ]
      const each = (body: (row: number, k: number) => Code): Code =>
        rows.map((_, row) => [0, 1].map((k) => body(row, k)))
      const second = i32.add(sums, half)
      const load = (row: number, k: number): Code => v128.load(k === 0 ? sums : second, 16 * row)
      return [
        local.set(next, i32.add(data, stride)),
        local.set(other, i32.add(gradients, stride)),
        when(
          first,
          each((row, k) => local.set(held[2 * row + k], f32x4.splat(0))),
          each((row, k) => local.set(held[2 * row + k], load(row, k))),
        ),
        forRange(tile, 0, i32.and(tiles, -2), 2, steps(2)),
        when(i32.and(tiles, 1), steps(1)),
        each((row, k) => v128.store(k === 0 ? sums : second, held[2 * row + k], 16 * row)),
      ]
    },
  )
}
