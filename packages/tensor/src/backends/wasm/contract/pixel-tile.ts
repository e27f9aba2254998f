import {
  type Code,
  forRange,
  type FunctionHandle,
  i32,
  increase,
  local,
  type ModuleBuilder,
  multiplyAdd,
  select,
  v128,
} from '../assembler/index.ts'

/** Groups of four pixels of a tile of one channel: as many sums as keep both multipliers busy. */
export const TILE_GROUPS = 8

/**
 * The tile of a convolution that makes one channel alone, a depthwise one above all: `(left panel, taps,
 * copy, first entry of the table of pixels, last entry, c, depth)`. The elements of the left operand meet
 * eight groups of four pixels each. Where fewer are left, the last one is computed again.
 */
export function writePixelTile(builder: ModuleBuilder): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params }, (locals, left, taps, copy, first, last, c, depth) => {
    const [pixels, sums] = [locals.many('i32', TILE_GROUPS), locals.many('v128', TILE_GROUPS)]
    const [k, tap, entry, splat] = [locals.i32(), locals.i32(), locals.i32(), locals.v128()]
    const findEntry = (group: number): Code => [
      local.set(entry, i32.add(first, 8 * group)),
      local.set(entry, select(entry, last, i32.lt_u(entry, last))),
    ]
    return [
      pixels.map((pointer, group) => [
        findEntry(group),
        local.set(pointer, i32.add(copy, i32.load(entry))),
      ]),
      forRange(k, 0, depth, 1, [
        local.set(tap, i32.load(taps)),
        local.set(splat, v128.load32_splat(left)),
        sums.map((sum, group) =>
          local.set(sum, multiplyAdd(builder.target, splat, v128.load(i32.add(pixels[group], tap)), sum)),
        ),
        increase(taps, 4),
        increase(left, 4),
      ]),
      sums.map((sum, group) => [findEntry(group), v128.store(i32.add(c, i32.load(entry, 4)), sum)]),
    ]
  })
}
