import {
  call,
  type Code,
  forRange,
  i32,
  increase,
  least,
  local,
  type Local,
  type Locals,
  memory,
  type ModuleBuilder,
  multiplyAdd,
  f32x4,
  shuffle32,
  v128,
  when,
} from '../assembler/index.ts'
import type { ModuleRecipe } from '../launch.ts'
import { readArguments } from './arguments.ts'
import { finishArguments, writeFinish } from './finish.ts'
import { copyRow, TILE_ROWS } from './plane-copy.ts'

/** The code for `depthwise-strided-gradient.ts`; the parities are those of the padding. */
export function depthwiseStridedModule(side: number, rowParity: number, columnParity: number): ModuleRecipe {
  return {
    key: `contract/depthwise-strided-${side}-${rowParity}-${columnParity}`,
    write: (builder) => writeStrided(builder, side, rowParity, columnParity),
  }
}

/** `pitch`, `bytes`, `origin` and `lastTaps` are of the copy, in bytes. */
export const stridedArguments = [
  ...finishArguments,
  'source',
  'weights',
  'result',
  'channels',
  'sourceHeight',
  'sourceWidth',
  'height',
  'width',
  'pitch',
  'bytes',
  /** Where the copied pixels begin. */
  'origin',
  /** What the last taps of the first results meet. */
  'lastTaps',
] as const

/**
 * Results 2·u + phase along one axis meet the taps `tap + 2·m`, m = 0 … `taps` − 1, and with them the pixels
 * u + first − m, counted from half the padding.
 */
interface Phase {
  readonly tap: number
  readonly taps: number
  readonly first: number
}

export function phasesAlong(side: number, parity: number): readonly [Phase, Phase] {
  const phase = (index: number): Phase => {
    const tap = (index + parity) % 2
    return { tap, taps: Math.ceil((side - tap) / 2), first: (index + parity - tap) / 2 }
  }
  return [phase(0), phase(1)]
}

/** How many pixels before u the last taps of a result meet at most. */
export function reachOf(phases: readonly Phase[]): number {
  return Math.max(...phases.map(({ first, taps }) => taps - 1 - first))
}

/** A unit is a plane: first the even rows of the result, then the odd ones. */
// oxlint-disable-next-line max-lines-per-function -- the loops over one plane, to be read at one sight
function writeStrided(builder: ModuleBuilder, side: number, rowParity: number, columnParity: number): void {
  const finish = writeFinish(builder, stridedArguments)
  const params = ['i32', 'i32', 'i32', 'i32'] as const
  // oxlint-disable-next-line max-lines-per-function -- the loops over one plane, to be read at one sight
  builder.func({ name: 'strided', params }, (locals, block, begin, end, copy) => {
    const { code, words } = readArguments(locals, block, stridedArguments)
    const { height, width, pitch, sourceWidth, sourceHeight } = words
    const [plane, channel, weights, result, from, to, row] = locals.many('i32', 7)
    const [u, c, at, rowBytes, rest, columns, x, half] = locals.many('i32', 8)
    const tile = new Tile(builder, locals, side, phasesAlong(side, columnParity))
    const rowPhases = phasesAlong(side, rowParity)
    const nextRow = [
      copyRow(x, from, to, sourceWidth),
      increase(from, i32.shl(sourceWidth, 2)),
      increase(to, pitch),
    ]
    const phaseRows = (index: 0 | 1): Code => {
      const { taps, first, tap } = rowPhases[index]
      return [
        local.set(rest, i32.sub(i32.shr_u(i32.add(height, 1 - index), 1), TILE_ROWS)),
        forRange(row, 0, i32.add(rest, TILE_ROWS), TILE_ROWS, [
          local.set(u, least(row, rest)),
          forRange(c, 0, width, 8, [
            // Even widths end with a tile that overlaps the one before, odd ones with one of seven columns.
            local.set(columns, i32.sub(width, 8)),
            local.set(x, i32.shr_u(i32.add(columns, 1), 1)),
            local.set(half, i32.shr_u(c, 1)),
            local.set(x, least(x, half)),
            local.set(at, i32.add(copy, i32.add(words.lastTaps, i32.shl(x, 2)))),
            increase(at, i32.mul(i32.add(u, first - (taps - 1) + reachOf(rowPhases)), pitch)),
            local.set(to, i32.add(i32.shl(u, 1), index)),
            local.set(to, i32.add(i32.mul(to, width), i32.shl(x, 1))),
            local.set(to, i32.add(result, i32.shl(to, 2))),
            tile.multiply(at, pitch, weights, tap, taps),
            tile.store(to, rowBytes, i32.gt_s(i32.shl(x, 1), columns)),
          ]),
        ]),
      ]
    }
    return [
      code,
      memory.fill(copy, 0, words.bytes),
      local.set(rowBytes, i32.shl(width, 3)),
      forRange(plane, begin, end, 1, [
        local.set(channel, i32.rem_u(plane, words.channels)),
        local.set(weights, i32.add(words.weights, i32.mul(channel, 4 * side * side))),
        local.set(result, i32.add(words.result, i32.shl(i32.mul(plane, i32.mul(height, width)), 2))),
        local.set(from, i32.shl(i32.mul(plane, i32.mul(sourceHeight, sourceWidth)), 2)),
        increase(from, words.source),
        local.set(to, i32.add(copy, words.origin)),
        forRange(row, 0, sourceHeight, 1, nextRow),
        phaseRows(0),
        phaseRows(1),
        when(words.finish, call(finish, block, result, 0, channel, 1, 0, i32.mul(height, width))),
      ]),
    ]
  })
}

/** Four rows of one phase × eight columns, in turn of both phases along them. */
class Tile {
  readonly #builder: ModuleBuilder
  readonly #side: number
  readonly #phases: readonly [Phase, Phase]
  /** For each phase of the columns, a vector for each row. */
  readonly #sums: readonly (readonly Local[])[]
  readonly #splat: Local
  readonly #rows: readonly Local[]

  constructor(builder: ModuleBuilder, locals: Locals, side: number, phases: readonly [Phase, Phase]) {
    this.#builder = builder
    this.#side = side
    this.#phases = phases
    this.#sums = [locals.many('v128', TILE_ROWS), locals.many('v128', TILE_ROWS)]
    this.#splat = locals.v128()
    // The first row meets as many rows of pixels as there are taps, each further one another.
    this.#rows = locals.many('i32', TILE_ROWS + Math.ceil(side / 2) - 1)
  }

  /** `at`: what the last taps meet. */
  multiply(at: Local, pitch: Local, weights: Local, tap: number, taps: number): Code {
    const rows = this.#rows.slice(0, TILE_ROWS + taps - 1)
    const reach = reachOf(this.#phases)
    return [
      rows.map((row, k) => local.set(row, k === 0 ? at : i32.add(rows[k - 1], pitch))),
      this.#sums.flat().map((sum) => local.set(sum, f32x4.splat(0))),
      Array.from({ length: taps }, (_, m) =>
        this.#phases.map((phase, side) =>
          Array.from({ length: phase.taps }, (_unused, n) => [
            local.set(
              this.#splat,
              v128.load32_splat(weights, 4 * ((tap + 2 * m) * this.#side + phase.tap + 2 * n)),
            ),
            this.#sums[side].map((sum, r) => {
              const pixels = v128.load(rows[r + taps - 1 - m], 4 * (phase.first - n + reach))
              return local.set(sum, multiplyAdd(this.#builder.target, this.#splat, pixels, sum))
            }),
          ]),
        ),
      ),
    ]
  }

  /** Rows are `stride` apart; `isEnd`: of the last column there is none. */
  store(to: Local, stride: Local, isEnd: Code): Code {
    const [even, odd] = this.#sums
    const each = (last: (lanes: Local) => Code): Code =>
      even.map((a, r) => [
        v128.store(to, shuffle32([0, 4, 1, 5], a, odd[r])),
        local.set(a, shuffle32([2, 6, 3, 7], a, odd[r])),
        last(a),
        increase(to, stride),
      ])
    return when(
      isEnd,
      each((lanes) => [v128.store64_lane(to, 0, lanes, 16), v128.store32_lane(to, 2, lanes, 24)]),
      each((lanes) => v128.store(to, lanes, 16)),
    )
  }
}
