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
  shuffle32,
  v128,
  when,
} from '../assembler/index.ts'

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
 * Matrices are read where they lie, or from panels: `[k][height]` on the left, `[k][8]` on the right. Where
 * both are dense along the reduced axis, a tile of `height` × 2 inner products does with neither. In a
 * convolution the right operand comes from an image (`taps`): step k finds its pixels at `pixels + taps[k]`, with four pixels from each of two places.
 */
interface Tile {
  /** height × 2 sums. */
  readonly sums: readonly Local[]
  readonly right: readonly [Local, Local]
}

function declareTile(locals: Locals, height: number): Tile {
  return { sums: locals.many('v128', 2 * height), right: [locals.v128(), locals.v128()] }
}

/** One step along the reduced axis; `load` reads the left element of a row into four lanes. */
function step(
  builder: ModuleBuilder,
  { sums, right }: Tile,
  splat: Local,
  load: (row: number) => Code,
): Code {
  return sums.map((sum, position) => [
    position % 2 === 0 ? local.set(splat, load(position / 2)) : [],
    local.set(sum, multiplyAdd(builder.target, splat, right[position % 2], sum)),
  ])
}

/** The left elements of a step as a packed panel has them, side by side. */
function sideBySide(left: Local, offset = 0): (row: number) => Code {
  return (row) => v128.load32_splat(left, offset + 4 * row)
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

/**
 * `(left, left stride, right, right stride, c, row stride of c, depth, accumulate)`, strides in bytes. The
 * left operand lies in `rows`, each dense along the reduced axis and a stride after the one before, or in
 * `steps`, each dense along the rows: a panel, or a transposed matrix. The right one is a stride further with
 * every step: a panel, or a matrix.
 */
export function writeTile(builder: ModuleBuilder, height: number, order: 'rows' | 'steps'): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func(
    { params },
    (locals, left, leftStride, right, rightStride, c, stride, depth, accumulate) => {
      const [tile, splat, k, c1] = [declareTile(locals, height), locals.v128(), locals.i32(), locals.i32()]
      const rows = order === 'rows' ? [left, ...locals.many('i32', height - 1)] : []
      const rightStep = [
        tile.right.map((vector, half) => local.set(vector, v128.load(right, 16 * half))),
        increase(right, rightStride),
      ]
      const sideStep = order === 'steps' && [
        rightStep,
        step(builder, tile, splat, sideBySide(left)),
        increase(left, leftStride),
      ]
      const steps = (count: number): Code => [
        Array.from(
          { length: count },
          (_, u) =>
            sideStep || [rightStep, step(builder, tile, splat, (row) => v128.load32_splat(rows[row], 4 * u))],
        ),
        rows.map((row) => increase(row, 4 * count)),
      ]
      return [
        rows.slice(1).map((row, above) => local.set(row, i32.add(rows[above], leftStride))),
        forRange(k, 0, i32.and(depth, -UNROLL), UNROLL, steps(UNROLL)),
        forRange(k, 0, i32.and(depth, UNROLL - 1), 1, steps(1)),
        local.set(c1, i32.add(c, 16)),
        storeTile(tile, c, c1, stride, accumulate),
      ]
    },
  )
}

/**
 * `(left, left stride, right, right stride, c, row stride of c, depth, accumulate, pairs)`, strides in bytes:
 * inner products, where the rows of the left operand and the columns of the right one are both dense along
 * the reduced axis. The four lanes are four steps, so that a tile has two columns; `pairs` of them follow one
 * another.
 */
export function writeInnerTile(builder: ModuleBuilder, height: number): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func(
    { params },
    (locals, left, leftStride, right, rightStride, c, stride, depth, accumulate, pairs) => {
      const [tile, x] = [declareTile(locals, height), locals.v128()]
      const [pair, k, to] = locals.many('i32', 3)
      const [rows, columns] = [locals.many('i32', height), locals.many('i32', 2)]
      const steps = (count: number, load: (at: Local, offset: number) => Code): Code => [
        Array.from({ length: count }, (_, u) => [
          tile.right.map((vector, half) => local.set(vector, load(columns[half], 16 * u))),
          step(builder, tile, x, (row) => load(rows[row], 16 * u)),
        ]),
      ]
      const advance = (bytes: number): Code => [...rows, ...columns].map((at) => increase(at, bytes))
      return forRange(pair, 0, pairs, 1, [
        rows.map((row, index) => local.set(row, index === 0 ? left : i32.add(rows[index - 1], leftStride))),
        local.set(columns[0], right),
        local.set(columns[1], i32.add(right, rightStride)),
        tile.sums.map((sum) => local.set(sum, f32x4.splat(0))),
        forRange(k, 0, i32.and(depth, -8), 8, [steps(2, v128.load), advance(32)]),
        when(i32.and(depth, 4), [steps(1, v128.load), advance(16)]),
        forRange(k, 0, i32.and(depth, 3), 1, [steps(1, v128.load32_zero), advance(4)]),
        local.set(to, c),
        storePairs(tile, x, to, stride, accumulate),
        increase(right, i32.shl(rightStride, 1)),
        increase(c, 8),
      ])
    },
  )
}

/** Writes (or adds) to memory what the lanes of a tile add up to: two columns, of two rows at a time. */
function storePairs({ sums }: Tile, x: Local, c: Local, stride: Local, accumulate: Local): Code {
  /** Lanes 0 and 1 are the sums of `a`, 2 and 3 those of `b`. */
  const halve = (to: Local, a: Local, b: Local): Code =>
    local.set(to, f32x4.add(shuffle32([0, 1, 4, 5], a, b), shuffle32([2, 3, 6, 7], a, b)))
  const below = i32.add(c, stride)
  return Array.from({ length: Math.ceil(sums.length / 4) }, (_, index) => {
    const [a, b, single] = [sums[4 * index], sums[4 * index + 1], 4 * index + 2 === sums.length]
    const [d, e] = single ? [a, a] : [sums[4 * index + 2], sums[4 * index + 3]]
    return [
      halve(a, a, b),
      single ? [] : halve(d, d, e),
      local.set(a, f32x4.add(shuffle32([0, 2, 4, 6], a, d), shuffle32([1, 3, 5, 7], a, d))),
      when(accumulate, [
        local.set(x, v128.load64_zero(c)),
        single ? [] : local.set(x, v128.load64_lane(below, 1, x)),
        local.set(a, f32x4.add(x, a)),
      ]),
      v128.store64_lane(c, 0, a),
      single ? [] : [v128.store64_lane(below, 1, a), increase(c, i32.shl(stride, 1))],
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
        step(builder, tile, splat, sideBySide(left, 4 * height * u)),
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
