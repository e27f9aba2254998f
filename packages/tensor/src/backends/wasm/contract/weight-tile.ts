import {
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
  shuffle32,
  v128,
  when,
} from '../assembler/index.ts'
import { readArguments } from './arguments.ts'

/** Words of the argument block that the tile reads; any further ones come after them. Pitches in bytes. */
export const weightTileArguments = [
  'fullVectors',
  'lastPixels',
  'copyPitch',
  'copyBytes',
  'resultStride',
] as const

/**
 * Inner products along the pixels: `(arguments, gradients, copy, tap 0, tap 1, result, images, rows, both)`
 * adds to `result[o][k] = Σ gradient[o][p] · copy[p + tap k]` for `height` channels o and two taps k.
 *
 * Sums of four pixels each run side by side in the lanes of 2 · height vectors and are added up at the end.
 * The gradients come as `[image][row][vector][height][4]`, zero where a row ends within a vector; there the
 * copy is masked too, for what lies behind the row may be infinite.
 */
// oxlint-disable-next-line max-lines-per-function -- the innermost loop and the three around it belong
// together
export function writeWeightTile(builder: ModuleBuilder, height: number): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func(
    { params },
    (locals, block, gradients, copy, tap0, tap1, result, images, rows, both) => {
      const { code, words } = readArguments(locals, block, weightTileArguments)
      const sums = locals.many('v128', 2 * height)
      const [pixels0, pixels1, gradient, mask] = locals.many('v128', 4)
      const [image, row, vector, at0, at1] = locals.many('i32', 5)
      const step = (load: (at: Local) => Code): Code => [
        local.set(pixels0, load(at0)),
        local.set(pixels1, load(at1)),
        Array.from({ length: height }, (_, o) => [
          local.set(gradient, v128.load(gradients, 16 * o)),
          [pixels0, pixels1].map((pixels, k) => {
            const sum = sums[2 * o + k]
            return local.set(sum, multiplyAdd(builder.target, gradient, pixels, sum))
          }),
        ]),
        increase(gradients, 16 * height),
      ]
      return [
        code,
        local.set(mask, i32x4.lt_s(i32x4.const([0, 1, 2, 3]), i32x4.splat(words.lastPixels))),
        forRange(image, 0, images, 1, [
          forRange(row, 0, rows, 1, [
            local.set(at0, i32.add(i32.add(copy, tap0), i32.mul(row, words.copyPitch))),
            local.set(at1, i32.add(i32.add(copy, tap1), i32.mul(row, words.copyPitch))),
            forRange(vector, 0, words.fullVectors, 1, [
              step((at) => v128.load(at)),
              increase(at0, 16),
              increase(at1, 16),
            ]),
            when(
              words.lastPixels,
              step((at) => v128.and(v128.load(at), mask)),
            ),
          ]),
          increase(copy, words.copyBytes),
        ]),
        Array.from({ length: height }, (_, o) => [
          addSums(sums[2 * o], sums[2 * o + 1], result, both),
          o === height - 1 ? [] : increase(result, words.resultStride),
        ]),
      ]
    },
  )
}

/** Adds up the lanes of two vectors, to two neighbouring numbers in memory, or to the first alone. */
function addSums(first: Local, second: Local, result: Local, both: Local): Code {
  const halves = f32x4.add(shuffle32([0, 1, 4, 5], first, second), shuffle32([2, 3, 6, 7], first, second))
  const addTo = (lane: number): Code =>
    f32.store(result, f32.add(f32.load(result, 4 * lane), f32x4.extract_lane(lane, first)), 4 * lane)
  return [
    local.set(second, halves),
    local.set(
      first,
      f32x4.add(shuffle32([0, 2, 0, 2], second, second), shuffle32([1, 3, 1, 3], second, second)),
    ),
    addTo(0),
    when(both, addTo(1)),
  ]
}
