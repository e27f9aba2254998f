import {
  type Code,
  forRange,
  type FunctionHandle,
  i32,
  increase,
  local,
  type Local,
  type ModuleBuilder,
  multiplyAdd,
  select,
  v128,
  when,
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

/** Groups of a tile that lies in one row. */
const ROW_GROUPS = [5, 6, 7, 8]

/**
 * How many neighbouring groups of a row make a tile, for rows that such tiles cover with little overlap; 0 for
 * others.
 */
export function rowGroupsOf(width: number): number {
  const groups = Math.ceil(width / 4)
  const tiles = Math.ceil(groups / TILE_GROUPS)
  const each = Math.ceil(groups / tiles)
  return ROW_GROUPS.includes(each) && 4 * each <= width && 4 * each * tiles <= 1.15 * width ? each : 0
}

/**
 * As `writePixelTile`, of groups side by side: `(left panel, taps, pixels, c, depth)`. A function for every
 * number of groups, called by `use`.
 */
export function writeRowTiles(
  builder: ModuleBuilder,
): (groups: Local, use: (tile: FunctionHandle) => Code) => Code {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const
  const tiles = ROW_GROUPS.map((groups) =>
    builder.func({ params }, (locals, left, taps, pixels, c, depth) => {
      const sums = locals.many('v128', groups)
      const [k, at, splat] = [locals.i32(), locals.i32(), locals.v128()]
      return [
        forRange(k, 0, depth, 1, [
          local.set(at, i32.add(pixels, i32.load(taps))),
          local.set(splat, v128.load32_splat(left)),
          sums.map((sum, group) =>
            local.set(sum, multiplyAdd(builder.target, splat, v128.load(at, 16 * group), sum)),
          ),
          increase(taps, 4),
          increase(left, 4),
        ]),
        sums.map((sum, group) => v128.store(c, sum, 16 * group)),
      ]
    }),
  )
  return (groups, use) =>
    tiles.reduce<Code>(
      (otherwise, tile, index) => when(i32.eq(groups, ROW_GROUPS[index]), use(tile), otherwise),
      [],
    )
}
