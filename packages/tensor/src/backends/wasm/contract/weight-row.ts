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
  select,
  shuffle32,
  v128,
  when,
} from '../assembler/index.ts'
import { readArguments } from './arguments.ts'
import { weightTileArguments } from './weight-tile.ts'

/** Taps of one channel that are summed side by side: a 3×3 kernel in one go. */
export const ROW_TAPS = 9

/**
 * As `writeWeightTile`, for one channel, as a depthwise convolution has it, and nine taps: `(arguments,
 * gradients, copy, taps, last tap, result, images, rows)`. Where fewer taps are left, the last one is
 * multiplied again and not stored.
 */
// oxlint-disable-next-line max-lines-per-function -- the innermost loop and the three around it belong
// together
export function writeWeightRow(builder: ModuleBuilder): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params }, (locals, block, gradients, copy, taps, last, result, images, rows) => {
    const { code, words } = readArguments(locals, block, weightTileArguments)
    const [offsets, sums] = [locals.many('i32', ROW_TAPS), locals.many('v128', ROW_TAPS)]
    const [gradient, mask, sum] = [locals.v128(), locals.v128(), locals.v128()]
    const [image, row, vector, at, line] = locals.many('i32', 5)
    const step = (load: (address: Code) => Code): Code => [
      local.set(gradient, v128.load(gradients)),
      sums.map((each, k) =>
        local.set(each, multiplyAdd(builder.target, gradient, load(i32.add(at, offsets[k])), each)),
      ),
      increase(gradients, 16),
    ]
    const addLanes = (each: Local): Code => [
      local.set(sum, f32x4.add(each, shuffle32([2, 3, 0, 1], each, each))),
      f32.store(
        result,
        f32.add(f32.load(result), f32.add(f32x4.extract_lane(0, sum), f32x4.extract_lane(1, sum))),
      ),
    ]
    return [
      code,
      local.set(mask, i32x4.lt_s(i32x4.const([0, 1, 2, 3]), i32x4.splat(words.lastPixels))),
      offsets.map((offset, k) => [
        local.set(at, i32.add(taps, 4 * k)),
        local.set(offset, i32.load(select(at, last, i32.lt_u(at, last)))),
      ]),
      forRange(image, 0, images, 1, [
        local.set(line, copy),
        forRange(row, 0, rows, 1, [
          local.set(at, line),
          forRange(vector, 0, words.fullVectors, 1, [step((address) => v128.load(address)), increase(at, 16)]),
          when(
            words.lastPixels,
            step((address) => v128.and(v128.load(address), mask)),
          ),
          increase(line, words.copyPitch),
        ]),
        increase(copy, words.copyBytes),
      ]),
      sums.map((each, k) =>
        when(i32.le_u(i32.add(taps, 4 * k), last), [addLanes(each), increase(result, 4)]),
      ),
    ]
  })
}
