import {
  call,
  type Code,
  f32x4,
  forRange,
  type FunctionHandle,
  i32,
  increase,
  local,
  type Local,
  type ModuleBuilder,
  multiplyAdd,
  v128,
  when,
} from '../../assembler/index.ts'
import { forHeights } from '../micro-kernel.ts'
import { tileHeight } from '../tiles.ts'

/**
 * The matrix products of some planes and one panel of eight result channels: `(image data [C/4][tile][4],
 * weights [C][8], results [2][tile][4], tiles, tile stride, C/4, planes, plane stride of the weights, first)`
 * sets or, unless `first`, adds to the results. A register tile is up to 6 tiles × 8 channels, the tiles being
 * cut evenly.
 */
export function writeMultiplyPanel(builder: ModuleBuilder, planeStride: number): FunctionHandle {
  const tallest = tileHeight(builder.target)
  const runs = forHeights(tallest, (height) => writeRun(builder, height, planeStride))
  return builder.func(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] },
    (locals, data, weights, results, tiles, stride, quarters, planes, weightPlane, first) => {
      const [cuts, height, tall, short] = locals.many('i32', 4)
      const run = (count: Local): Code =>
        when(
          count,
          runs(height, (micro) =>
            call(micro, data, weights, results, count, stride, quarters, planes, weightPlane, first),
          ),
        )
      const passed = i32.shl(i32.mul(height, tall), 4)
      return [
        local.set(cuts, i32.div_u(i32.add(tiles, tallest - 1), tallest)),
        local.set(height, i32.div_u(i32.sub(i32.add(tiles, cuts), 1), cuts)),
        local.set(short, i32.sub(i32.mul(cuts, height), tiles)),
        local.set(tall, i32.sub(cuts, short)),
        run(tall),
        increase(data, passed),
        increase(results, passed),
        local.set(height, i32.sub(height, 1)),
        run(short),
      ]
    },
  )
}

/**
 * `(data, weights, results, count, tile stride, C/4, planes, plane stride of the weights, first)`: `count`
 * register tiles of each plane.
 */
function writeRun(builder: ModuleBuilder, height: number, planeStride: number): FunctionHandle {
  const rows = Array.from({ length: height }, (_, row) => row)
  return builder.func(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] },
    (locals, data, weights, results, count, stride, quarters, planes, weightPlane, first) => {
      const sums = locals.many('v128', 2 * height)
      const [left, right, splat] = locals.many('v128', 3)
      const [n, plane, quarter, a, b, tile, to] = locals.many('i32', 7)
      const channel = (c: number): Code => [
        local.set(left, v128.load(b, 32 * c)),
        local.set(right, v128.load(b, 32 * c + 16)),
        rows.map((row) => [
          local.set(splat, v128.load32_splat(a, 16 * row + 4 * c)),
          [left, right].map((half, k) => {
            const sum = sums[2 * row + k]
            return local.set(sum, multiplyAdd(builder.target, splat, half, sum))
          }),
        ]),
      ]
      const four = [[0, 1, 2, 3].map(channel), increase(a, stride), increase(b, 128)]
      const each = (body: (at: Local, sum: Local, offset: number) => Code): Code => [
        rows.map((row) => body(to, sums[2 * row], 16 * row)),
        local.set(a, i32.add(to, stride)),
        rows.map((row) => body(a, sums[2 * row + 1], 16 * row)),
      ]
      return forRange(plane, 0, planes, 1, [
        local.set(tile, data),
        local.set(to, results),
        forRange(n, 0, count, 1, [
          when(
            first,
            sums.map((sum) => local.set(sum, f32x4.splat(0))),
            each((at, sum, offset) => local.set(sum, v128.load(at, offset))),
          ),
          local.set(a, tile),
          local.set(b, weights),
          forRange(quarter, 0, quarters, 1, four),
          each((at, sum, offset) => v128.store(at, sum, offset)),
          increase(tile, 16 * height),
          increase(to, 16 * height),
        ]),
        increase(data, planeStride),
        increase(weights, weightPlane),
        increase(results, planeStride),
      ])
    },
  )
}
