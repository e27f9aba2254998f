import {
  type Code,
  f32x4,
  forRange,
  type FunctionHandle,
  i32,
  increase,
  local,
  type Local,
  type Locals,
  type ModuleBuilder,
  multiplyAdd,
  v128,
  when,
} from '../assembler/index.ts'
import { TILE_WIDTH } from './tiles.ts'

/**
 * The innermost loop of every contraction: a tile of `height` × 8 results stays in registers while it runs
 * along the reduced axis. Each step takes two vectors of the right operand (8 columns) and, one after the
 * other, the `height` elements of the left operand that meet them, each repeated in the four lanes of a
 * vector:
 *
 *             b0        b1
 *     a₀ →  c₀₀ += …  c₀₁ += …
 *     a₁ →  c₁₀ += …  c₁₁ += …        2·height multiply-adds for height + 2 loads
 *
 * The left operand comes as a panel `[k][height]`. The right one comes either as a panel `[k][8]`, or from an
 * image (`taps`): step k finds its pixels at `pixels + taps[k]`, with four pixels from each of two places.
 */
interface Tile {
  /** height × 2 sums. */
  readonly sums: readonly Local[]
  readonly right: readonly [Local, Local]
}

function declareTile(locals: Locals, height: number): Tile {
  return { sums: locals.many('v128', 2 * height), right: [locals.v128(), locals.v128()] }
}

/** One step along the reduced axis; the left elements lie at `left + offset`. */
function step(
  builder: ModuleBuilder,
  { sums, right }: Tile,
  left: Local,
  offset: number,
  splat: Local,
): Code {
  return sums.map((sum, position) => {
    const column = right[position % 2]
    const load = position % 2 === 0 ? local.set(splat, v128.load32_splat(left, offset + 2 * position)) : []
    return [load, local.set(sum, multiplyAdd(builder.target, splat, column, sum))]
  })
}

/**
 * Writes (or adds) the tile to memory: the two vectors of row r at `c0 + r · stride` and `c1 + r · stride`.
 */
function storeTile({ sums }: Tile, c0: Local, c1: Local, stride: Local, accumulate?: Local): Code {
  const rows = Array.from({ length: sums.length / 2 }, (_, row) => row)
  const atRow = (row: number, body: Code): Code => [
    row === 0 ? [] : [increase(c0, stride), increase(c1, stride)],
    body,
  ]
  const plain = rows.map((row) =>
    atRow(row, [v128.store(c0, sums[2 * row]), v128.store(c1, sums[2 * row + 1])]),
  )
  if (accumulate === undefined) return plain
  const added = rows.map((row) =>
    atRow(row, [
      v128.store(c0, f32x4.add(v128.load(c0), sums[2 * row])),
      v128.store(c1, f32x4.add(v128.load(c1), sums[2 * row + 1])),
    ]),
  )
  return when(accumulate, added, plain)
}

const UNROLL = 4

/** `(left panel, right panel, c, row stride of c in bytes, depth, accumulate)`. */
export function writePanelTile(builder: ModuleBuilder, height: number): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params }, (locals, left, right, c, stride, depth, accumulate) => {
    const [tile, splat, k, c1] = [declareTile(locals, height), locals.v128(), locals.i32(), locals.i32()]
    const steps = (count: number): Code => [
      Array.from({ length: count }, (_, u) => [
        tile.right.map((vector, half) => local.set(vector, v128.load(right, 4 * TILE_WIDTH * u + 16 * half))),
        step(builder, tile, left, 4 * height * u, splat),
      ]),
      increase(left, 4 * height * count),
      increase(right, 4 * TILE_WIDTH * count),
    ]
    return [
      forRange(k, 0, i32.and(depth, -UNROLL), UNROLL, steps(UNROLL)),
      forRange(k, 0, i32.and(depth, UNROLL - 1), 1, steps(1)),
      local.set(c1, i32.add(c, 16)),
      storeTile(tile, c, c1, stride, accumulate),
    ]
  })
}

/** `(left panel, taps, pixels 0, pixels 1, c0, c1, row stride of c in bytes, depth)`. */
export function writeTapTile(builder: ModuleBuilder, height: number): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params }, (locals, left, taps, pixels0, pixels1, c0, c1, stride, depth) => {
    const [tile, splat, k, tap] = [declareTile(locals, height), locals.v128(), locals.i32(), locals.i32()]
    const steps = (count: number): Code => [
      Array.from({ length: count }, (_, u) => [
        local.set(tap, i32.load(taps, 4 * u)),
        local.set(tile.right[0], v128.load(i32.add(pixels0, tap))),
        local.set(tile.right[1], v128.load(i32.add(pixels1, tap))),
        step(builder, tile, left, 4 * height * u, splat),
      ]),
      increase(left, 4 * height * count),
      increase(taps, 4 * count),
    ]
    return [
      forRange(k, 0, i32.and(depth, -UNROLL), UNROLL, steps(UNROLL)),
      forRange(k, 0, i32.and(depth, UNROLL - 1), 1, steps(1)),
      storeTile(tile, c0, c1, stride),
    ]
  })
}

/** Calls the function for a height that is known at run time. */
export type ByHeight = (height: Local, use: (tile: FunctionHandle) => Code) => Code

/** Writes a function for every height up to the tallest. */
export function forHeights(tallest: number, write: (height: number) => FunctionHandle): ByHeight {
  const tiles = Array.from({ length: tallest }, (_, index) => write(index + 1))
  return (height, use) =>
    tiles.reduce<Code>((otherwise, tile, index) => when(i32.eq(height, index + 1), use(tile), otherwise), [])
}
